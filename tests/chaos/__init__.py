"""Everything at once, while processes die: does anything get lost?"""

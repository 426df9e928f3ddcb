"""An item, its stock and its listings: pure rules, standard library only."""

"""What tests of Brocante and of its users need."""

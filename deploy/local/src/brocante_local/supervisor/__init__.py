"""`brocante up`: everything on one machine, watched and started again."""

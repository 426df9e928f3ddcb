"""Exit codes of Brocante's processes, as supervisors and orchestrators see them."""

EXIT_FAILURE = 1
EXIT_CONFIGURATION = 2
"""Nothing was started: settings, arguments or a port; starting again would not help."""
EXIT_STUCK = 70
"""Nothing progressed although every dependency was there (the watchdog)."""
EXIT_BROKER_CHANGED = 75
"""Another broker, or a new epoch: the process starts over, which is no failure."""

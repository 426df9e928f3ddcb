"""`brocante demo`: the main job, played on a real catalogue through public interfaces alone."""

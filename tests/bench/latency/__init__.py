"""From a sale to the last listing off sale, against a bare chain of as many hops."""

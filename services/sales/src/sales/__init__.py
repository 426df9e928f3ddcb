"""Sales: each sale, its cancellation, and sales seen twice."""

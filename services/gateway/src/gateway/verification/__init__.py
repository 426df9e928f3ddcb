"""Is a webhook really from where it says? One pure function per scheme."""

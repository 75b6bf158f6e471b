"""What a folder holds and what can be built from it, before a build."""

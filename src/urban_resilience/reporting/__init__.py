"""What a build says to the person who ran it."""

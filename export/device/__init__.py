"""What runs outside kbert: emulated 64-bit ARM, and the script that runs an exported file in it."""

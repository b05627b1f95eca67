"""The Android sample. `kbert android` copies it, as the data package kbert.android_project."""

"""The protocol between a sweep and the code that runs, stores and resumes it."""

"""Side-by-side measurements with other libraries; opt-in, and no part of the installed package. See README.md here."""

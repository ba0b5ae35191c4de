"""One module for what each explorer, or pair of them, shows and lets you change."""

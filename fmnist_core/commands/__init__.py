"""The command line, a module for each group of commands; each has an `add` that tells the parser of them."""

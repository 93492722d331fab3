"""One file per page of the console; its words are in the template of the same name."""

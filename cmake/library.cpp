// The shared library is made of the rooms' archives; a target needs a source of its own.

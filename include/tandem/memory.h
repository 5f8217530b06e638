// The memory of the process.
#pragma once

namespace tandem {

// Has the C library keep memory that was freed (up to 256 MB; where it is glibc's, else nothing happens). A
// forward pass takes and frees some megabytes at every step, and by default each time from and to the
// system, which takes as long as a quarter of a pass. For the main function of a program, before it computes:
// it holds for the whole process, whose size may stay above what it needs. The command `tandem` calls it.
void keep_freed_memory();

}  // namespace tandem

// One version of a loop for each width of vectors, of which the machine's is chosen when the program starts.
//
// Put before the definition of a free function whose loops the compiler can lay into vector registers.
// Versions may differ in the last bit of a floating-point result, since wider ones multiply and add in one
// step.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)  // which cannot be in place yet when the choice is made
#define TANDEM_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TANDEM_VECTORISED
#endif

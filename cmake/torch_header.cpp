// Exists so that LibTorch's precompiled header belongs to a target that all others can share.

// Spares computing what a gallery has already: touched, moved and doubled files, told by their content.
//
// For one thread, but for what contents() is; gallery, ledger and seams must outlive it.
#pragma once

#include "indexing/known_contents.h"
#include "indexing/ledger.h"
#include "indexing/seams.h"
#include "tandem/gallery_writer.h"

namespace tandem::indexing {

class Reuse {
 public:
  Reuse(GalleryWriter& gallery, Ledger& ledger, const Seams& seams)
      : gallery_(gallery), ledger_(ledger), seams_(seams) {}

  // Learns what the gallery has, once; before the first picture is loaded.
  void prepare();
  const KnownContents& contents() const { return contents_; }
  // A picture that will be in the gallery.
  void note(const ImageRecord& record);

  // Whether the gallery has the content of `record`, so that nothing is to be computed: the file was only
  // touched, is a picture that was moved, or a double of another. It is in the ledger then.
  bool settle(const ImageRecord& record);

 private:
  bool settle_by_another(const ImageRecord& record, bool is_new);
  bool copy(const ImageRecord& source, ImageRecord record);

  GalleryWriter& gallery_;
  Ledger& ledger_;
  const Seams& seams_;
  KnownContents contents_;
  bool prepared_ = false;
};

}  // namespace tandem::indexing

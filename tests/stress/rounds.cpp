#include "stress/rounds.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <stdexcept>

#include "support/made_gallery.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kPictures = 24;
constexpr std::uint32_t kEvery = 3;  // a picture changes once in so many rounds
const fs::path kFolder = "/pictures";
const fs::path kRoundPath = kFolder / "round.jpg";
constexpr float kTolerance = 2e-3F;  // of fp16 tokens, and of sums in another order

// The round in which picture `i` was changed last; 0 where it was not yet.
std::uint32_t version_at(std::uint32_t round, std::uint32_t i) {
  const std::uint32_t since = (round + i) % kEvery;
  return since > round ? 0 : round - since;
}

bool is_there(std::uint32_t version, std::uint32_t i) {
  return version > 0 && (version * 7 + i * 5) % 4 != 0;
}

// Picture `i` as it was made in round `version`.
NewImage made_picture(std::uint32_t version, std::uint32_t i) {
  NewImage image = made_image(kFolder, version * kPictures + i);
  image.record.path = kFolder / fmt::format("{}.jpg", i);
  image.record.metadata = fmt::format("{{\"version\":{}}}", version);
  return image;
}

NewImage round_picture(std::uint32_t round) {
  NewImage image = made_image(kFolder, 0);
  image.record.path = kRoundPath;
  image.record.width = round;
  return image;
}

void require(bool good, const std::string& what) {
  if (!good) throw std::runtime_error(what);
}

void require_near(MatrixView found, MatrixView wanted, const std::string& what) {
  require(found.rows() == wanted.rows() && found.columns() == wanted.columns(), what + ": another shape");
  for (std::size_t i = 0; i < found.size(); ++i) {
    require(std::fabs(found.data()[i] - wanted.data()[i]) <= kTolerance, what + ": other values");
  }
}

void require_picture(const Gallery& gallery, const ImageRecord& found, const NewImage& wanted) {
  const std::string what = fmt::format("{} ({})", found.path.string(), wanted.record.metadata);
  require(found.metadata == wanted.record.metadata && found.stamp == wanted.record.stamp &&
              found.content_hash == wanted.record.content_hash,
          what + ": is of another round: " + found.metadata);
  require_near(gallery.embedding(found.id), wanted.encoded.embedding, what + ": embedding");
  require_near(gallery.tokens(found.id), wanted.encoded.tokens, what + ": tokens");
  const auto captions = gallery.captions_of(found.id);
  require(captions.size() == wanted.captions.size(), what + ": other captions");
  for (std::size_t i = 0; i < captions.size(); ++i) {
    require(captions[i].text.text == wanted.captions[i].text.text, what + ": another caption");
  }
}

// Searches for a picture, which must come first, and finds all others too, in order.
void require_found(const Gallery& gallery, ImageId id, MatrixView query, std::size_t count) {
  const auto hits = gallery.nearest_images(query, 1000).at(0);
  require(hits.size() == count, fmt::format("{} hits among {} pictures", hits.size(), count));
  require(hits[0].id == id && std::fabs(hits[0].score - 1) <= kTolerance, "another picture is nearer");
  for (std::size_t i = 0; i < hits.size(); ++i) {
    gallery.image(hits[i].id);
    require(i == 0 || hits[i - 1].score >= hits[i].score, "hits are not in order");
  }
  require(gallery.nearest_images(query, 3).at(0)[0] == hits[0], "another answer to the same question");
}

}  // namespace

std::unique_ptr<GalleryWriter> open_rounds(const fs::path& gallery) {
  auto writer = gallery::open_writer(FileSystem::system(), gallery, made_model(),
                                     {TokenStorage::kFp16, "HNSW8"}, {4000});
  writer->add(round_picture(0));
  writer->commit();
  return writer;
}

void write_round(GalleryWriter& writer, std::uint32_t round) {
  for (std::uint32_t i = 0; i < kPictures; ++i) {
    if (version_at(round, i) != round) continue;
    const NewImage image = made_picture(round, i);
    if (is_there(round, i)) {
      writer.add(image);
    } else {
      writer.remove(image.record.path);
    }
  }
  writer.add(round_picture(round));
  writer.commit();
  if (round % 4 == 0) writer.compact();
  if (round % 5 == 0) writer.build_index();
}

std::uint32_t read_round(const Gallery& gallery) {
  std::map<fs::path, ImageRecord> images;
  for (const ImageRecord& image : gallery.images()) images.emplace(image.path, image);
  require(images.contains(kRoundPath), "the picture that tells the round is missing");
  const auto round = static_cast<std::uint32_t>(images.at(kRoundPath).width);
  const std::size_t count = images.size();
  images.erase(kRoundPath);
  for (std::uint32_t i = 0; i < kPictures; ++i) {
    const std::uint32_t version = version_at(round, i);
    const NewImage wanted = made_picture(version, i);
    const auto found = images.find(wanted.record.path);
    require((found != images.end()) == is_there(version, i),
            fmt::format("round {}: {} is there or missing wrongly", round, wanted.record.path.string()));
    if (found == images.end()) continue;
    require_picture(gallery, found->second, wanted);
    if (i % 4 == round % 4) require_found(gallery, found->second.id, wanted.encoded.embedding, count);
    images.erase(found);
  }
  require(images.empty(), fmt::format("round {}: {} pictures too many", round, images.size()));
  require(count == gallery.info().images, "the count is another");
  return round;
}

}  // namespace tandem

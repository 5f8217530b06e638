// What the tests of indexing share: pictures in a folder, a gallery in memory, and the seams under watch.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/clock.h"
#include "indexing/index_pictures.h"
#include "indexing/picture_loader.h"
#include "support/fake_model.h"
#include "support/memory_gallery.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "support/watched_file_system.h"

namespace tandem::indexing {

namespace fs = std::filesystem;

// Time passes where a test says so.
class FakeClock final : public Clock {
 public:
  std::int64_t monotonic_ns() const override { return now_ns; }
  std::int64_t wall_ns() const override { return epoch_ns + now_ns; }

  std::int64_t now_ns = 0;
  std::int64_t epoch_ns = 0;
};

// Which files were read, and which cannot be.
class ReadWatch final : public FileWatch {
 public:
  Verdict before(const FileCall& call) override {
    const std::lock_guard lock(mutex_);
    if (call.action == FileAction::kRead) read.push_back(call.path.filename());
    if (call.action == FileAction::kList && on_list) on_list();
    const bool fails = unreadable.contains(call.path) &&
                       (call.action == FileAction::kRead || call.action == FileAction::kList);
    return fails ? Verdict::kInputOutputError : Verdict::kPass;
  }

  std::set<fs::path> unreadable;
  std::vector<std::string> read;
  std::function<void()> on_list;

 private:
  std::mutex mutex_;
};

class IndexTest : public ::testing::Test {
 protected:
  IndexTest() {
    seams_.open_gallery = [this](const fs::path&) { return writer_.snapshot(); };
  }

  // Pictures 1000.png, 1001.png, ... of different colours.
  std::vector<fs::path> make_pictures(std::size_t count) {
    std::vector<fs::path> paths;
    for (std::size_t i = 0; i < count; ++i) {
      paths.push_back(folder_.path() / (std::to_string(1000 + i) + ".png"));
      write_png(paths.back(), solid_picture(static_cast<std::uint8_t>(i * 7), 100, 50));
    }
    return paths;
  }
  fs::path make_file(const std::string& name, const std::string& bytes) {
    write_file(folder_.path() / name, bytes);
    return folder_.path() / name;
  }
  // Gives a file another time, and nothing else.
  static void touch(const fs::path& path) {
    fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(++touches_));
  }

  IndexReport run(const std::vector<fs::path>& pictures) {
    return index_pictures(writer_, model_, pictures, options_, seams_);
  }
  ErrorCode error_of(const std::vector<fs::path>& pictures) {
    try {
      run(pictures);
    } catch (const Error& error) {
      message_ = error.what();
      return error.code();
    }
    ADD_FAILURE() << "no Error was thrown";
    return ErrorCode::kBackend;
  }
  // File names of what is committed, by id.
  std::vector<std::string> committed() const {
    std::vector<std::string> names;
    for (const ImageRecord& image : writer_.snapshot()->images()) names.push_back(image.path.filename());
    return names;
  }
  std::vector<std::string> captions_of(ImageId id) const {
    std::vector<std::string> texts;
    for (const auto& caption : writer_.snapshot()->captions_of(id)) texts.push_back(caption.text.text);
    return texts;
  }
  std::size_t computed() const { return model_->counts(FakeCall::kEncodeImages).inputs; }
  std::size_t decoded() const { return model_->counts(FakeCall::kPreprocess).inputs; }

  void use_model(FakeModelOptions options) { model_ = make_fake_model(std::move(options)); }

  TemporaryFolder folder_;
  std::shared_ptr<const FakeModel> model_ = make_fake_model();
  MemoryWriter writer_{model_->info()};
  ReadWatch watch_;
  WatchedFileSystem files_{watch_};
  FakeClock clock_;
  Seams seams_{.files = files_, .clock = clock_};
  IndexOptions options_;
  std::string message_;

 private:
  static inline int touches_ = 0;
};

}  // namespace tandem::indexing

#include "gallery/paths.h"

#include <gtest/gtest.h>

#include "support/error_code_of.h"

namespace tandem::gallery {
namespace {

TEST(Paths, NormalPathsAreAbsoluteWithoutDotsOrATrailingSlash) {
  EXPECT_EQ(normal_path("/a/./b/../c/"), "/a/c");
  EXPECT_EQ(normal_path("/"), "/");
  EXPECT_EQ(normal_path("x"), std::filesystem::current_path() / "x");
  EXPECT_EQ(error_code_of([] { normal_path(""); }), ErrorCode::kInvalidArgument);
}

TEST(Paths, WithinIsByComponentsNotByLetters) {
  EXPECT_TRUE(is_within("/a/b", "/a/b"));
  EXPECT_TRUE(is_within("/a/b/c", "/a/b"));
  EXPECT_TRUE(is_within("/a", "/"));
  EXPECT_FALSE(is_within("/a/bc", "/a/b"));
  EXPECT_FALSE(is_within("/a", "/a/b"));
}

TEST(Paths, AnyBytesSurvivePercentEncoding) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(percent_decoded(percent_encoded(bytes), "test"), bytes);
  EXPECT_EQ(percent_encoded("/a b%\n"), "/a%20b%25%0A");
  for (const char* bad : {"%", "%4", "%4g", "ab%"}) {
    EXPECT_EQ(error_code_of([&] { percent_decoded(bad, "test"); }), ErrorCode::kBadFormat) << bad;
  }
}

TEST(Paths, FoldersBesideTheGalleryAreRelativeOthersAbsolute) {
  const StoredFolder beside = stored_folder("/home/me/gallery", "/home/me/photos/2024");
  EXPECT_EQ(beside, (StoredFolder{true, "../photos/2024"}));
  EXPECT_EQ(absolute_folder("/mnt/gallery", beside), "/mnt/photos/2024");
  EXPECT_EQ(stored_folder("/home/me/gallery", "/home/me/gallery"), (StoredFolder{true, "."}));
  EXPECT_EQ(absolute_folder("/mnt/gallery", {true, "."}), "/mnt/gallery");
  const StoredFolder elsewhere = stored_folder("/home/me/gallery", "/home/you/photos");
  EXPECT_EQ(elsewhere, (StoredFolder{false, "/home/you/photos"}));
  EXPECT_EQ(absolute_folder("/mnt/gallery", elsewhere), "/home/you/photos");
  EXPECT_FALSE(stored_folder("/gallery", "/photos").relative) << "everything lies below /";
}

}  // namespace
}  // namespace tandem::gallery

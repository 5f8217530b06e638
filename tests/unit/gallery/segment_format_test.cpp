#include "gallery/segment_format.h"

#include <gtest/gtest.h>

#include "gallery/snapshot.h"
#include "index/bytes.h"
#include "support/error_code_of.h"
#include "support/memory_files.h"

namespace tandem::gallery {
namespace {

const std::string kUuid = "0123456789abcdef0123456789ABCDEF";

TEST(SegmentFormat, AUuidIsThirtyTwoHexDigits) {
  EXPECT_TRUE(is_uuid(kUuid));
  for (const std::string& other : {std::string(), kUuid.substr(1), kUuid + "0", std::string(32, 'g'),
                                   std::string(31, '0') + "\n", std::string(32, '\xff')}) {
    EXPECT_FALSE(is_uuid(other)) << other;
  }
}

TEST(SegmentFormat, AHeaderComesBackAsWritten) {
  const SegmentHeader header{SegmentKind::kTokens, ElementType::kInt8, kUuid, 17, 33};
  EXPECT_EQ(parse_segment_header(format_segment_header(header), "test"), header);
}

TEST(SegmentFormat, AHeaderThatNamesItsGalleryByOtherBytesIsRefused) {
  const SegmentHeader header{SegmentKind::kImages, ElementType::kFp32, std::string(31, '0') + "\n", 1, 2};
  EXPECT_EQ(error_code_of([&] { parse_segment_header(format_segment_header(header), "test"); }),
            ErrorCode::kBadFormat);
}

// The bytes of a snapshot of the gallery `uuid`.
std::string snapshot_bytes(const std::string& uuid) {
  index::ByteWriter writer;
  writer.put_text("TANDEMSN");
  writer.put(std::uint32_t{1});
  writer.put_text(uuid);
  writer.put(std::int64_t{1});
  writer.put(std::int64_t{1});
  writer.put_checksum();
  const auto bytes = writer.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(SegmentFormat, BytesThatAreNoUuidAreNotShownInTheMessage) {
  Manifest manifest;
  manifest.uuid = kUuid;
  for (const char byte : {'\n', '\xff'}) {
    MemoryFiles files;
    files.set("gallery/index.snapshot", snapshot_bytes(std::string(32, byte)));
    try {
      read_snapshot(files, "gallery", manifest);
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadFormat);
      EXPECT_EQ(std::string(error.what()).find(byte), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace tandem::gallery

#include "cli/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "cli/html.h"
#include "support/small_png.h"
#include "support/temporary_folder.h"
#include "tandem/error.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The examples of RFC 4648, section 10.
TEST(Base64, AgreesWithTheStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xFF\xFF\xFE"), "///+");
}

TEST(EscapeHtml, LeavesNoMarkup) {
  EXPECT_EQ(escape_html("<a href='x'>\"&\""), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;");
  EXPECT_EQ(escape_html("žluť"), "žluť");
}

class HtmlReportTest : public ::testing::Test {
 protected:
  Hit hit(const std::filesystem::path& path) {
    Hit hit;
    hit.photo = path;
    hit.rank = 1;
    hit.path = path;
    hit.similarity = 0.25f;
    return hit;
  }
  TemporaryFolder folder_;
  SearchReport report_;
};

TEST_F(HtmlReportTest, ThePictureIsInThePage) {
  const Image image{1, 1, {1, 2, 3}};
  write_png(folder_.path() / "a.png", image);
  report_.text = "two dogs";
  report_.hits = {hit(folder_.path() / "a.png")};
  report_.hits[0].logit = 1.5f;
  report_.hits[0].probability = 0.8176f;
  const std::string page = html_report(report_);
  EXPECT_THAT(page, HasSubstr("src=\"data:image/png;base64," + base64(png_bytes(image)) + "\""));
  for (const char* shown : {"<h1>two dogs</h1>", "0.2500", "1.5000", "0.8176", "a.png"}) {
    EXPECT_THAT(page, HasSubstr(shown));
  }
}

TEST_F(HtmlReportTest, TheTypeIsThatOfTheBytesNotOfTheName) {
  write_file(folder_.path() / "a.png", "\xFF\xD8\xFF rest");
  write_file(folder_.path() / "b.png", "RIFFxxxxWEBP rest");
  write_file(folder_.path() / "c.png", "<svg onload='alert(1)'>");
  report_.hits = {hit(folder_.path() / "a.png"), hit(folder_.path() / "b.png"),
                  hit(folder_.path() / "c.png")};
  const std::string page = html_report(report_);
  EXPECT_THAT(page, HasSubstr("data:image/jpeg"));
  EXPECT_THAT(page, HasSubstr("data:image/webp"));
  EXPECT_THAT(page, HasSubstr("no longer a picture"));
}

TEST_F(HtmlReportTest, QueryAndPathsCannotBreakThePage) {
  report_.text = "</h1><script>alert(1)</script>";
  report_.hits = {hit(folder_.path() / "<b>\"\n'.jpg")};
  const std::string page = html_report(report_);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
}

TEST_F(HtmlReportTest, MissingAndLargeFilesAreToldNotShown) {
  write_png(folder_.path() / "a.png", {1, 1, {1, 2, 3}});
  report_.hits = {hit(folder_.path() / "a.png"), hit(folder_.path() / "gone.png"), hit(folder_.path())};
  const std::string page = html_report(report_, /*max_embedded_bytes=*/10);
  EXPECT_THAT(page, HasSubstr("not shown"));
  EXPECT_THAT(page, HasSubstr("no longer there"));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
}

TEST_F(HtmlReportTest, IsWrittenWhereItCanBe) {
  write_html_report(folder_.path() / "out.html", report_);
  std::ifstream file(folder_.path() / "out.html");
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>(file), {}}), html_report(report_));
  EXPECT_THROW(write_html_report(folder_.path() / "no" / "out.html", report_), Error);
}

}  // namespace
}  // namespace tandem::cli

#include "unit/datasets/dataset_test_base.h"

namespace tandem {
namespace {

class TableTest : public DatasetTest {
 protected:
  void SetUp() override {
    write("a.jpg");
    write("b.jpg");
  }
};

TEST_F(TableTest, ColumnsAreFoundByTheirNames) {
  write("captions.csv",
        "\xEF\xBB\xBFId,Caption,FilePath,Language,Split\n"
        "1,A dog,a.jpg,,test\n"
        "2,\"Ein Hund, der \"\"Bello\"\" heißt\",a.jpg,de,test\n"
        "\n"
        "3,\"two\nlines\",b.jpg,en,test\n");
  const LoadedDataset loaded = load();
  EXPECT_EQ(loaded.report.format, DatasetFormat::kTable);
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("a.jpg", "en:A dog", "de:Ein Hund, der \"Bello\" heißt"));
  EXPECT_THAT(of(loaded.dataset, 1), ElementsAre("b.jpg", "en:two\nlines"));
  EXPECT_EQ(loaded.dataset.images[0].split, "test");
}

TEST_F(TableTest, ARowThatRepeatsStaysAndIsFound) {
  write("captions.csv", "file,caption\na.jpg,A dog\nb.jpg,A dog\na.jpg,A dog\n");
  const LoadedDataset loaded = load();
  EXPECT_THAT(of(loaded.dataset, 0), ElementsAre("a.jpg", "en:A dog", "en:A dog"));
  ASSERT_EQ(loaded.report.repeated_captions.count, 1u);
  EXPECT_THAT(loaded.report.repeated_captions.examples[0], HasSubstr("line 4: of a.jpg"));
}

TEST_F(TableTest, BetweenTabsQuotesAreLetters) {
  write("captions.tsv", "title\timage\n\"A dog\" is, said\ta.jpg\n\"\tb.jpg\r\n");
  const Dataset dataset = load().dataset;
  EXPECT_THAT(of(dataset, 0), ElementsAre("a.jpg", "en:\"A dog\" is, said"));
  EXPECT_THAT(of(dataset, 1), ElementsAre("b.jpg", "en:\""));
}

TEST_F(TableTest, EmptyFieldsAtTheEndAreFields) {
  write("captions.csv", "file,caption,note\na.jpg,x,\nb.jpg,y,\"\"\n");
  EXPECT_THAT(of(load().dataset, 1), ElementsAre("b.jpg", "en:y"));
}

TEST_F(TableTest, BadTablesAreNamedByLine) {
  const auto bad = [&](std::initializer_list<const char*> words, const std::string& text) {
    SCOPED_TRACE(text);
    write("captions.csv", text);
    expect_bad(words);
  };
  bad({"no column \"file\"", "commas"}, "");
  bad({"no column \"file\""}, "x,caption\na,b\n");
  bad({"no column \"caption\""}, "file,x\na,b\n");
  bad({"no pictures"}, "file,caption\n");
  bad({"line 3", "3 fields, the header has 2"}, "file,caption\na.jpg,x\na.jpg,x,y\n");
  bad({"line 2", "1 fields"}, "file,caption\na.jpg\n");
  bad({"line 2", "does not end"}, "file,caption\na.jpg,\"x\nb.jpg,y\n");
  bad({"line 3", "middle of a field"}, "file,caption\na.jpg,\"x\n\"y\n");
  bad({"line 2", "without a name"}, "file,caption\n,x\n");
}

}  // namespace
}  // namespace tandem

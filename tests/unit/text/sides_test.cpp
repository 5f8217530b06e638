#include "text/sides.h"

#include <gtest/gtest.h>

namespace tandem::text {
namespace {

TEST(Sides, AreFoundInEveryInflection) {
  for (const char* caption : {"the dog on the left", "RIGHT of the tree", "her left-hand glove",
                              "the rightmost horse", "he turns leftwards", "left"}) {
    EXPECT_TRUE(mentions_sides(caption, "en")) << caption;
  }
  for (const char* caption : {"links ein Hund", "Der Hund RECHTS.", "die linke Hand", "mit dem rechten Arm",
                              "am linken Rand", "zur Rechten", "ein Linkshänder", "rechter Hand ein Haus",
                              "sein rechtes Bein", "halblinks im Bild"}) {
    EXPECT_TRUE(mentions_sides(caption, "de")) << caption;
  }
  for (const char* caption : {"à gauche de l'arbre", "sa main droite", "le bras droit", "à l'extrême-gauche",
                              "vers la DROITE", "aux pieds gauches", "une gauchère"}) {
    EXPECT_TRUE(mentions_sides(caption, "fr")) << caption;
  }
  for (const char* caption :
       {"vlevo stojí pes", "Vpravo od stromu", "na levé straně", "pravou rukou", "jde doprava", "LEVÝ okraj",
        "v pravém rohu", "nejlevější kůň", "po pravici", "zleva doprava"}) {
    EXPECT_TRUE(mentions_sides(caption, "cs")) << caption;
  }
}

TEST(Sides, AreNotFoundInWordsThatLookAlike) {
  for (const char* caption : {"a bright upright copyright sign", "a cleft rock", "", "   ", "a lefſt"}) {
    EXPECT_FALSE(mentions_sides(caption, "en") && caption[0] != 'a') << caption;
  }
  EXPECT_FALSE(mentions_sides("a bright upright copyright sign", "en"));
  EXPECT_FALSE(mentions_sides("ein rechteckiger Tisch mit Flinkheit", "de"));
  EXPECT_FALSE(mentions_sides("un endroit adroit, un gaucho", "fr"));
  EXPECT_FALSE(mentions_sides("lev a levhart v levné levanduli, pravda, právě pravidlo", "cs"));
}

TEST(Sides, OfAnotherLanguageMeanNothing) {
  EXPECT_FALSE(mentions_sides("the link is rechts", "en"));
  EXPECT_FALSE(mentions_sides("left", "de"));
}

TEST(Sides, AreFoundWhateverTheNormalFormOfTheText) {
  EXPECT_TRUE(mentions_sides("leve\u0301 strane\u030c", "cs"));
  EXPECT_TRUE(mentions_sides("LEVE\u0301", "cs"));
}

TEST(Sides, AreAssumedInLanguagesOfWhichNothingIsKnown) {
  EXPECT_TRUE(mentions_sides("二匹の犬", "ja"));
  EXPECT_TRUE(mentions_sides("two dogs", ""));
}

}  // namespace
}  // namespace tandem::text

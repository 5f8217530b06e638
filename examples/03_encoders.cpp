// The two encoders without a gallery:  03_encoders PICTURE TEXT...
//
// The bi-encoder embeds the picture and each text on its own; their similarity is a cosine. The
// cross-encoder reads picture and text together; its logit says how likely they match.
#include <tandem/tandem.h>

#include <iostream>
#include <numeric>
#include <vector>

int main(int argc, char** argv) try {
  if (argc < 3) {
    throw tandem::Error(tandem::ErrorCode::kInvalidArgument, "usage: 03_encoders PICTURE TEXT...");
  }
  // One model in memory serves both encoders.
  const auto model = tandem::Model::load(tandem::default_model_folder());
  const tandem::BiEncoder bi_encoder(model);
  const tandem::CrossEncoder cross_encoder(model);

  const std::vector<tandem::Image> picture{tandem::load_image(argv[1])};
  const std::vector<tandem::Text> texts(argv + 2, argv + argc);

  const auto image_embedding = bi_encoder.embed_images(picture).front();
  const auto text_embeddings = bi_encoder.embed_texts(texts);
  // The picture goes through the vision tower once; its tokens serve every text.
  const auto tokens = cross_encoder.image_tokens(picture);
  const std::vector<tandem::MatrixView> token_views(tokens.begin(), tokens.end());

  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto image_row = image_embedding.row(0);
    const auto text_row = text_embeddings.row(i);
    const float cosine = std::inner_product(image_row.begin(), image_row.end(), text_row.begin(), 0.0f);
    const float logit = cross_encoder.score(texts[i], token_views).front();
    const float probability = tandem::match_probability(logit, cross_encoder.model().info().calibration);
    std::cout << "similarity " << cosine << "  match " << probability << "  " << texts[i].text << '\n';
  }
} catch (const tandem::Error& error) {
  std::cerr << error.what() << '\n';
  return tandem::exit_status(error.code());
}

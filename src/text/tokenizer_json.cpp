#include "text/tokenizer_json.h"

#include <utility>

#include "core/fail.h"
#include "text/shown.h"
#include "text/vocabulary_files.h"

namespace tandem::text {
namespace {

using nlohmann::json;

std::string type_of(const json& component) {
  const auto type = component.find("type");
  return type != component.end() && type->is_string() ? type->get<std::string>() : "";
}

// Takes "Sequence" components apart, whatever their list is called.
void collect(const json& component, std::vector<json>& components) {
  if (component.is_null()) return;
  if (component.is_object() && type_of(component) == "Sequence") {
    for (const char* list : {"normalizers", "pretokenizers", "processors"}) {
      if (!component.contains(list)) continue;
      for (const json& member : component[list]) collect(member, components);
      return;
    }
  }
  components.push_back(component);
}

}  // namespace

TokenizerJson::TokenizerJson(const ModelFolder& folder, const std::string& model_type)
    : source_(folder.path(kFile)), root_(folder.json(kFile)) {
  const auto model = root_.find("model");
  if (model == root_.end() || !model->is_object()) {
    fail(ErrorCode::kBadFormat, "{}: no object \"model\"; not a tokenizer file", source_);
  }
  // The oldest files leave the type out.
  const std::string type = type_of(*model);
  if (!type.empty() && type != model_type) {
    fail(ErrorCode::kUnsupported, "{}: the model is of type {}, wanted {} for this family", source_, type,
         model_type);
  }
  const auto truncation = root_.find("truncation");
  if (truncation != root_.end() && truncation->is_object() &&
      truncation->value("direction", json("Right")) != "Right") {
    fail(ErrorCode::kUnsupported, "{}: truncates on the left; only the right is supported", source_);
  }
}

std::vector<json> TokenizerJson::components(const std::string& kind) const {
  std::vector<json> components;
  if (root_.contains(kind)) collect(root_[kind], components);
  return components;
}

void TokenizerJson::unsupported(const std::string& kind, const json& component) const {
  constexpr std::size_t kMaxShown = 200;
  std::string shown = component.dump();
  if (shown.size() > kMaxShown) shown = type_of(component);
  fail(ErrorCode::kUnsupported,
       "{}: the {} has the component {}, which this family's tokenizer does not have", source_, kind, shown);
}

void TokenizerJson::require_model_value(const std::string& name, const json& wanted) const {
  const auto value = model().find(name);
  if (value == model().end() || value->is_null() || *value == wanted) return;
  fail(ErrorCode::kUnsupported, "{}: the model's {} is {}; only {} is supported", source_, name,
       value->dump(), wanted.dump());
}

std::string TokenizerJson::model_string(const std::string& name, const std::string& absent) const {
  const auto value = model().find(name);
  if (value == model().end() || value->is_null()) return absent;
  if (!value->is_string()) {
    fail(ErrorCode::kBadFormat, "{}: the model's {} is a {}, wanted a string", source_, name,
         value->type_name());
  }
  return value->get<std::string>();
}

Vocabulary TokenizerJson::vocabulary() const {
  const auto pieces = model().find("vocab");
  if (pieces == model().end() || !pieces->is_object()) {
    fail(ErrorCode::kBadFormat, "{}: the model has no object \"vocab\"", source_);
  }
  return parse_vocabulary(*pieces, source_);
}

std::vector<Bpe::Merge> TokenizerJson::merges() const {
  const auto list = model().find("merges");
  if (list == model().end() || !list->is_array()) {
    fail(ErrorCode::kBadFormat, "{}: the model has no list \"merges\"", source_);
  }
  std::vector<Bpe::Merge> merges;
  merges.reserve(list->size());
  for (const json& merge : *list) {
    if (merge.is_string()) {
      merges.push_back(parse_merge(merge.get_ref<const std::string&>(), merges.size(), source_));
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      merges.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
    } else {
      fail(ErrorCode::kBadFormat, "{}: merge {} is no pair of pieces", source_, merges.size());
    }
  }
  return merges;
}

AddedTokensById TokenizerJson::added_tokens() const {
  AddedTokensById tokens;
  const auto list = root_.find("added_tokens");
  if (list == root_.end() || list->is_null()) return tokens;
  for (const json& token : *list) {
    AddedToken added = parse_added_token(token, source_);
    if (!token.contains("id") || !token["id"].is_number_unsigned()) {
      fail(ErrorCode::kBadFormat, "{}: the added token {} has no id", source_, shown(added.content));
    }
    tokens[token["id"].get<std::int64_t>()] = std::move(added);
  }
  return tokens;
}

std::int32_t TokenizerJson::token_id(const json& pair) const {
  if (!pair.is_array() || pair.size() != 2 || !pair[1].is_number_unsigned()) {
    fail(ErrorCode::kBadFormat, "{}: the post_processor names the special token {}, wanted [token, id]",
         source_, pair.dump());
  }
  return pair[1].get<std::int32_t>();
}

std::optional<Frame> TokenizerJson::frame() const {
  const std::vector<json> processors = components("post_processor");
  std::optional<Frame> frame;
  for (const json& processor : processors) {
    const std::string type = type_of(processor);
    if (type == "ByteLevel") continue;  // moves offsets only
    if (frame) unsupported("post_processor", processor);
    if (type == "TemplateProcessing") {
      frame = template_frame(processor);
    } else if (type == "RobertaProcessing" || type == "BertProcessing") {
      frame = Frame{{token_id(processor.value("cls", json()))}, {token_id(processor.value("sep", json()))}};
    } else {
      unsupported("post_processor", processor);
    }
  }
  return frame;
}

Frame TokenizerJson::template_frame(const json& processor) const {
  Frame frame;
  bool behind_text = false;
  try {
    for (const json& item : processor.at("single")) {
      if (item.contains("Sequence")) {
        behind_text = true;
        continue;
      }
      const std::string name = item.at("SpecialToken").at("id").get<std::string>();
      const TokenIds ids = processor.at("special_tokens").at(name).at("ids").get<TokenIds>();
      TokenIds& side = behind_text ? frame.suffix : frame.prefix;
      side.insert(side.end(), ids.begin(), ids.end());
    }
  } catch (const json::exception& error) {
    fail(ErrorCode::kBadFormat, "{}: the post_processor's template is broken: {}", source_, error.what());
  }
  return frame;
}

}  // namespace tandem::text

#include "models/detector.h"

#include <caffe2/serialize/read_adapter_interface.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include "core/fail.h"
#include "core/hash.h"
#include "core/utf8.h"
#include "models/library_errors.h"
#include "regions/checked.h"

namespace tandem::models {
namespace {

constexpr std::int64_t kCornerNumbers = 4;

// The file as LibTorch's loader reads it.
class MappedProgram final : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit MappedProgram(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}

  std::size_t size() const override { return file_->bytes().size(); }
  std::size_t read(std::uint64_t position, void* to, std::size_t count, const char*) const override {
    const auto bytes = file_->bytes().subspan(std::min<std::size_t>(position, size()));
    const std::size_t read = std::min(count, bytes.size());
    std::copy_n(bytes.begin(), read, static_cast<std::byte*>(to));
    return read;
  }

 private:
  std::shared_ptr<const MappedFile> file_;
};

// Of a message over many lines; behind it the loader shows the code.
std::string_view first_line(std::string_view message) { return message.substr(0, message.find('\n')); }

// Before it the interpreter shows how it came there.
std::string_view last_line(std::string_view message) {
  while (message.ends_with('\n')) message.remove_suffix(1);
  return message.substr(message.rfind('\n') + 1);
}

// Runs `body`. What a program throws, it would throw again: that is an error of its own, told by that line of
// the message that says most. The lack of memory is one of the system.
template <typename Body>
auto with_errors_of_program(const std::string& file, const char* what,
                            std::string_view (*line)(std::string_view), Body body) {
  try {
    return body();
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    fail_without_memory(file);
  } catch (const std::exception& error) {
    const auto* of_libtorch = dynamic_cast<const c10::Error*>(&error);
    const std::string_view message =
        of_libtorch != nullptr ? of_libtorch->what_without_backtrace() : error.what();
    if (tells_of_no_memory(message)) fail_without_memory(file);
    fail(ErrorCode::kBadFormat, "{}: {}: {}", file, what, line(message));
  }
}

torch::jit::Module load(const std::string& file, std::shared_ptr<const MappedFile> bytes) {
  constexpr const char* kWhat =
      "not a TorchScript program of PyTorch's own operators, as torch.jit.script(detector).save() makes one";
  return with_errors_of_program(file, kWhat, first_line, [&] {
    torch::jit::Module module = torch::jit::load(std::make_shared<MappedProgram>(std::move(bytes)), at::kCPU);
    module.eval();
    return module;
  });
}

void require_signature(const torch::jit::Module& module, const std::string& file) {
  constexpr const char* kWanted =
      "forward(picture: Tensor) -> Tuple[Tensor, Tensor, List[str]] is wanted: boxes, features, labels";
  const auto forward = module.find_method("forward");
  if (!forward) fail(ErrorCode::kBadFormat, "{}: the program has no forward(); {}", file, kWanted);
  const c10::FunctionSchema& schema = forward->function().getSchema();
  const auto& arguments = schema.arguments();  // the first is the module itself
  const auto& tensor = c10::TensorType::get();
  const auto answer = c10::TupleType::create({tensor, tensor, c10::ListType::ofStrings()});
  const bool takes_picture = arguments.size() > 1 && tensor->isSubtypeOf(*arguments[1].type()) &&
                             std::all_of(arguments.begin() + 2, arguments.end(), [](const auto& argument) {
                               return argument.default_value().has_value();
                             });
  if (takes_picture && schema.returns().size() == 1 && schema.returns()[0].type()->isSubtypeOf(*answer)) {
    return;
  }
  fail(ErrorCode::kBadFormat, "{}: the program is {}; {}", file, c10::str(schema), kWanted);
}

// 3 × height × width, a copy: a script may write into what it gets.
at::Tensor pixels_of(const Image& image) {
  const auto height = static_cast<std::int64_t>(image.height);
  const auto width = static_cast<std::int64_t>(image.width);
  const at::Tensor rows =
      at::from_blob(const_cast<std::uint8_t*>(image.rgb.data()), {height, width, 3}, at::kByte);
  return rows.permute({2, 0, 1}).clone(at::MemoryFormat::Contiguous);
}

void require_rows(const at::Tensor& tensor, const char* what, std::size_t columns, const std::string& file) {
  if (tensor.defined() && tensor.is_floating_point() && tensor.dim() == 2 &&
      tensor.size(1) == static_cast<std::int64_t>(columns)) {
    return;
  }
  const std::string found =
      tensor.defined() ? c10::str(tensor.toString(), " of ", tensor.sizes()) : "nothing";
  fail(ErrorCode::kBadFormat, "{}: {}: found {}, wanted a float tensor of regions x {}", file, what, found,
       columns);
}

Matrix first_rows(const at::Tensor& tensor, std::int64_t rows) {
  const at::Tensor kept = tensor.narrow(0, 0, rows).to(at::kCPU, at::kFloat).contiguous();
  Matrix matrix(static_cast<std::size_t>(rows), static_cast<std::size_t>(kept.size(1)));
  std::copy_n(kept.data_ptr<float>(), matrix.size(), matrix.data());
  return matrix;
}

std::string join(c10::ArrayRef<c10::IValue> labels, const std::string& file) {
  std::string tags;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string& label = labels[i].toStringRef();
    if (first_invalid_utf8(label)) fail(ErrorCode::kBadFormat, "{}: label {} is not UTF-8", file, i + 1);
    if (i > 0) tags += ' ';
    tags += label;
  }
  return tags;
}

// What a detector answers, checked.
Regions to_regions(const c10::IValue& answer, const Image& image, std::size_t max_regions,
                   std::size_t feature_width, const std::string& file) {
  const auto& parts = answer.toTupleRef().elements();
  const at::Tensor& boxes = parts[0].toTensor();
  const at::Tensor& features = parts[1].toTensor();
  const auto labels = parts[2].toListRef();
  require_rows(boxes, "boxes", kCornerNumbers, file);
  require_rows(features, "features", feature_width, file);
  const auto found = static_cast<std::size_t>(features.size(0));
  if (boxes.size(0) != features.size(0) || (!labels.empty() && labels.size() != found)) {
    fail(ErrorCode::kBadFormat,
         "{}: {} boxes, {} rows of features, {} labels; one of each is wanted, or no labels", file,
         boxes.size(0), found, labels.size());
  }
  const std::size_t kept = std::min(found, max_regions);
  regions::check_size(kept, feature_width, RegionLimits(), file);
  const auto rows = static_cast<std::int64_t>(kept);
  return regions::checked({.image_width = image.width,
                           .image_height = image.height,
                           .boxes = first_rows(boxes, rows),
                           .features = first_rows(features, rows),
                           .tags = join(labels.slice(0, std::min(kept, labels.size())), file)},
                          file);
}

}  // namespace

Detector::Detector(const std::filesystem::path& file, const FileSystem& files) : file_(file.string()) {
  auto bytes = files.map(file);
  Fingerprint digest;
  digest.update(bytes->bytes());
  fingerprint_ = digest.hex();
  module_ = load(file_, std::move(bytes));
  require_signature(module_, file_);
}

Regions Detector::find(const Image& image, std::size_t max_regions, std::size_t feature_width) const {
  if (image.rgb.empty() || image.rgb.size() != image.width * image.height * 3) {
    fail(ErrorCode::kInvalidArgument,
         "{}: a picture of {} x {} pixels with {} bytes; 3 for each pixel are wanted", file_, image.width,
         image.height, image.rgb.size());
  }
  const std::lock_guard one_picture(one_picture_);
  return with_errors_of_program(file_, "the detector failed", last_line, [&] {
    const c10::InferenceMode inference;
    // An optimised program may round otherwise than it did at the first pictures.
    const torch::jit::GraphOptimizerEnabledGuard as_it_is(false);
    const c10::IValue answer = module_.get_method("forward")({pixels_of(image)});
    return to_regions(answer, image, max_regions, feature_width, file_);
  });
}

}  // namespace tandem::models

#include "cli/index_report.h"

#include "cli/output.h"
#include "tandem/error.h"

namespace tandem::cli {
namespace {

void print_json_report(const IndexReport& report, const GalleryInfo& gallery) {
  print_json({{"gallery", gallery.path.string()},
              {"images", gallery.images},
              {"added", report.added},
              {"duplicates", report.duplicates},
              {"moved", report.moved},
              {"updated", report.updated},
              {"unchanged", report.unchanged},
              {"skipped", report.skipped},
              {"vanished", report.vanished},
              {"pruned", report.pruned},
              {"captions", report.captions},
              {"seconds", static_cast<float>(report.seconds)}});
}

}  // namespace

std::string changes_of(const IndexReport& report) {
  std::string text;
  const auto add = [&](std::size_t count, const std::string& what) {
    if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  };
  add(report.added, "added");
  add(report.duplicates, report.duplicates == 1 ? "duplicate added" : "duplicates added");
  add(report.moved, "moved");
  add(report.updated, "updated");
  add(report.pruned, "pruned");
  add(report.captions, report.captions == 1 ? "caption added" : "captions added");
  add(report.unchanged, "unchanged");
  add(report.skipped, "skipped");
  add(report.vanished, "vanished");
  return text.empty() ? "no pictures" : text;
}

bool has_changes(const IndexReport& report, const IndexReport& last) {
  return report.skipped != last.skipped || report.vanished != last.vanished ||
         report.added + report.duplicates + report.moved + report.updated + report.pruned + report.captions >
             0;
}

std::string line_of(const SkippedRecord& skip) {
  // A reason that was an error's message begins with the path, as errors show it.
  const std::string shown = Error(skip.code, skip.path.string() + ": ").what();
  const std::string reason = skip.reason.starts_with(shown) ? skip.reason.substr(shown.size()) : skip.reason;
  return "skipped " + one_line(skip.path.string()) + ": " + one_line(reason);
}

void print_summary(const IndexReport& report, const GalleryInfo& gallery,
                   const std::vector<SkippedRecord>& skips, const CommonOptions& common) {
  if (common.json) print_json_report(report, gallery);
  if (common.json || common.quiet) return;
  print_line(changes_of(report));
  for (const SkippedRecord& skip : skips) print_line("  " + line_of(skip));
  const std::string name = one_line(gallery.path.string());
  if (report.skipped > skips.size()) {
    print_line("  and " + std::to_string(report.skipped - skips.size()) + " more: tandem info " + name +
               " --skipped");
  }
  if (report.vanished > 0) {
    print_line("  vanished: the files of " + count_of(report.vanished, "picture") +
               " are gone; they are kept, --prune removes them");
  }
  print_line(name + " holds " + count_of(gallery.images, "picture"));
}

void print_index(const GalleryInfo& gallery, const CommonOptions& common) {
  if (common.json || common.quiet || !gallery.approximate) return;
  const ApproximateIndex& index = *gallery.approximate;
  std::string line =
      "it is searched by an index (" + one_line(index.spec) + ") of " + count_of(index.images, "picture");
  if (index.recall) line += ", which finds " + number(100 * *index.recall, "%.1f") + " % of the 100 nearest";
  print_line(line);
}

void print_round(const IndexReport& report, const GalleryInfo& gallery, const CommonOptions& common) {
  if (common.json) {
    print_json_report(report, gallery);
  } else if (!common.quiet) {
    print_line(changes_of(report) + "; " + one_line(gallery.path.string()) + " holds " +
               count_of(gallery.images, "picture"));
  }
}

}  // namespace tandem::cli

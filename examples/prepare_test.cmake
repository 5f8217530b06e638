# A folder with four photos and one file that is none, for the tests of the examples.
file(REMOVE_RECURSE "${FOLDER}")
foreach(photo IN ITEMS band dahlia horses rocket)
  file(COPY "${PHOTOS}/${photo}.jpg" DESTINATION "${FOLDER}/photos")
endforeach()
file(WRITE "${FOLDER}/photos/not_a_picture.jpg" "This is text.")
file(WRITE "${FOLDER}/photos/captions.jsonl" [=[
{"image": "band.jpg", "split": "train", "captions": {"en": ["musicians on a stage"]}}
{"image": "dahlia.jpg", "split": "train", "captions": {"en": ["a red flower"]}}
{"image": "horses.jpg", "split": "dev", "captions": {"en": ["two horses on a meadow"]}}
{"image": "rocket.jpg", "split": "dev", "captions": {"en": ["a rocket lifts off"]}}
]=])

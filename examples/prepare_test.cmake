# A folder with four photos and one file that is none, for the tests of the examples.
file(REMOVE_RECURSE "${FOLDER}")
foreach(photo IN ITEMS band dahlia horses rocket)
  file(COPY "${PHOTOS}/${photo}.jpg" DESTINATION "${FOLDER}/photos")
endforeach()
file(WRITE "${FOLDER}/photos/not_a_picture.jpg" "This is text.")

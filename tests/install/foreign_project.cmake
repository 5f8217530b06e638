# The CMakeLists.txt of an application that knows of Tandem only what is installed.
cmake_minimum_required(VERSION 3.25)
project(foreign LANGUAGES CXX)
find_package(tandem 0.1 REQUIRED)
add_executable(search search.cpp)
target_link_libraries(search PRIVATE tandem::tandem)

# Several files of Tesseract are compiled as one, which takes a third of the time and lets functions be inlined across
# them. The macros of these clash with other files.
set_source_files_properties(src/classify/adaptmatch.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

# The window. Its models and the text mode are always built (with the rest of engine/); what draws (draw/) only where
# SDL2, SDL2_ttf and fontconfig are found.
option(TENGEN_WINDOW "Build the window where SDL2 is found" ON)
if(TENGEN_WINDOW)
  pkg_check_modules(WINDOW IMPORTED_TARGET sdl2>=2.0.18 SDL2_ttf fontconfig)
endif()
if(WINDOW_FOUND)
  file(GLOB_RECURSE draw_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/viewer/draw/*.c)
  target_sources(tengen_engine PRIVATE ${draw_sources})
  target_compile_definitions(tengen_engine PRIVATE TENGEN_HAS_WINDOW)
  target_link_libraries(tengen_engine PUBLIC PkgConfig::WINDOW)
else()
  message(STATUS "SDL2, SDL2_ttf or fontconfig is missing: tengen play has its text mode only")
endif()

# Translations: locale/LANGUAGE/LC_MESSAGES/tengen.mo beside the program, where it looks for them.
find_program(MSGFMT msgfmt)
file(GLOB catalogues CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/viewer/po/*.po)
foreach(catalogue ${catalogues})
  if(MSGFMT)
    get_filename_component(language ${catalogue} NAME_WE)
    set(folder ${CMAKE_BINARY_DIR}/locale/${language}/LC_MESSAGES)
    add_custom_command(OUTPUT ${folder}/tengen.mo
      COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
      COMMAND ${MSGFMT} --check -o ${folder}/tengen.mo ${catalogue}
      DEPENDS ${catalogue})
    list(APPEND compiled_catalogues ${folder}/tengen.mo)
  endif()
endforeach()
add_custom_target(texts ALL DEPENDS ${compiled_catalogues})
add_dependencies(tengen_engine texts)

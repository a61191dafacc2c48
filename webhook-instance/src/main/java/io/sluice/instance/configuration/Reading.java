package io.sluice.instance.configuration;

import java.util.ArrayList;
import java.util.List;

/** What goes along while a pair of documents is read: how placeholders are filled in, and what was found to complain about. */
record Reading(Placeholders placeholders, Problems problems, List<String> warnings) {
    Reading(Placeholders placeholders) {
        this(placeholders, new Problems(), new ArrayList<>());
    }
}

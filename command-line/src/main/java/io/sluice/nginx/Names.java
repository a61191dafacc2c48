package io.sluice.nginx;

import java.util.Set;

/** Makes names for what has none in nginx. */
final class Names {
    private Names() {}

    /** Letters, digits, dots, dashes and underscores, with a letter or digit first; {@code root} when nothing is left. */
    static String slug(String text, int longest) {
        String slug = text.replaceAll("[^A-Za-z0-9._]+", "-").replaceAll("^[^A-Za-z0-9]+|-+$", "");
        slug = slug.length() > longest ? slug.substring(0, longest) : slug;
        return slug.isEmpty() ? "root" : slug;
    }

    /** The name, or the name with a number that makes it unique, which is then taken. */
    static String unique(String name, Set<String> taken) {
        String unique = name;
        for (int i = 2; !taken.add(unique); i++) {
            unique = name + "-" + i;
        }
        return unique;
    }
}

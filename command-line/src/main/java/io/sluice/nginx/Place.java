package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import io.sluice.proxy.route.PathNormalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path of a route.
 *
 * @param exact whether it is the whole path, or the beginning of one
 */
record Place(String path, boolean exact) {
    private static final Pattern LITERAL = Pattern.compile("(?:[A-Za-z0-9/_~%@:!,=-]|\\\\[./_-])*");
    private static final Pattern REGEX = Pattern.compile(
            "\\^(/(?:[A-Za-z0-9/_~%@:!,=-]|\\\\[./_-])*)(?:\\((?:\\?:)?([A-Za-z0-9_|-]+)\\)((?:[A-Za-z0-9/_~%@:!,=-]|\\\\[./_-])*))?"
                    + "(\\$|/\\?\\$|\\(?\\.[*+]\\)?\\$?|)");

    static final Place ALL = new Place("/", false);

    /** What a {@code location} is for; empty, with a finding, when routes cannot say it. */
    static List<Place> of(Directive location, Findings findings) {
        String first = location.argument(0);
        Matcher modifier =
                Pattern.compile("(=|\\^~|~\\*|~)?(.*)", Pattern.DOTALL).matcher(first);
        if (!modifier.matches()) {
            return List.of();
        }
        String kind = modifier.group(1) == null ? "" : modifier.group(1);
        String text = modifier.group(2).isEmpty() ? location.argument(1) : modifier.group(2);
        if (kind.startsWith("~")) {
            List<Place> places = ofRegex(text);
            if (places.isEmpty()) {
                findings.leftOut(
                        location,
                        "a regular expression that is no path: its requests go to the route for their path, WITHOUT what is said here");
            } else {
                findings.differs(
                        location,
                        "a path, whose length decides among routes, not its place in the file"
                                + (kind.equals("~*") ? "; in this case only" : "") + boundary(places));
            }
            return places;
        }
        if (!text.equals(PathNormalizer.normalize(text))) {
            findings.leftOut(location, "not a path in normal form; its requests go to another route");
            return List.of();
        }
        List<Place> places = List.of(new Place(text, kind.equals("=")));
        findings.used(location);
        if (!boundary(places).isEmpty()) {
            findings.differs(location, boundary(places).substring(2));
        }
        return places;
    }

    private static String boundary(List<Place> places) {
        return places.stream().allMatch(place -> place.exact || place.path.endsWith("/"))
                ? ""
                : "; a prefix ends at a segment: /a is for /a and /a/b, not for /ab";
    }

    /** {@code ^/path/}, {@code ^/path$}, {@code ^/(a|b)/} and the like. */
    static List<Place> ofRegex(String regex) {
        Matcher matcher = REGEX.matcher(regex);
        if (!matcher.matches()) {
            return List.of();
        }
        String end = matcher.group(4);
        List<Place> places = new ArrayList<>();
        for (String choice :
                matcher.group(2) == null ? new String[] {""} : matcher.group(2).split("\\|", -1)) {
            String path =
                    literal(matcher.group(1)) + choice + (matcher.group(3) == null ? "" : literal(matcher.group(3)));
            places.add(new Place(path, end.equals("$") || end.equals("/?$")));
            if (end.equals("/?$")) {
                places.add(new Place(path + "/", true));
            }
        }
        return places.stream().allMatch(place -> place.path.equals(PathNormalizer.normalize(place.path)))
                ? places
                : List.of();
    }

    /** The text that a regular expression without choices is for; empty when it has any. */
    static Optional<String> literalOf(String regex) {
        return LITERAL.matcher(regex).matches() ? Optional.of(literal(regex)) : Optional.empty();
    }

    private static String literal(String regex) {
        return regex.replace("\\", "");
    }

    YamlMap yaml() {
        return new YamlMap().put(exact ? "exact-path" : "path", path);
    }
}

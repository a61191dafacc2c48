package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code root}, {@code alias}, {@code index}, {@code expires}: a route with {@code files}. */
final class FilesOfPlace {
    private final Scope scope;
    private final Findings findings;
    private final Path folder;

    /** @param folder where relative paths start */
    FilesOfPlace(Scope scope, Path folder) {
        this.scope = scope;
        this.findings = scope.findings();
        this.folder = folder;
    }

    /** Empty when no folder is named, or one that the proxy cannot have. */
    Optional<YamlMap> read(Place place) {
        Optional<String> root = root(place);
        if (root.isEmpty()) {
            return Optional.empty();
        }
        YamlMap files = new YamlMap().put("root", root.get()).put("index", index());
        expires(files);
        for (Directive directive : scope.takeAll("autoindex")) {
            if (directive.argument(0).equals("on")) {
                findings.leftOut(directive, "folders are not listed");
            }
        }
        return Optional.of(new YamlMap().put("files", files));
    }

    private Optional<String> root(Place place) {
        Directive alias = last(scope.takeOwn("alias"));
        Directive root = alias == null ? scope.take("root") : null;
        Directive directive = alias == null ? root : alias;
        if (directive == null) {
            return Optional.empty();
        }
        String name = scope.substitute(directive.argument(0));
        if (name.contains("$") || name.isEmpty() || name.indexOf('\0') >= 0) {
            findings.leftOut(directive, "a folder is a fixed one");
            return Optional.empty();
        }
        if (!name.startsWith("/")) {
            findings.differs(directive, "a relative path starts at the folder of the file that was imported");
        }
        Path path = folder.resolve(name).normalize();
        int slash = place.path().lastIndexOf('/');
        if (alias == null) {
            String below = place.exact() ? place.path().substring(0, slash) : place.path();
            return Optional.of(
                    path.resolve(below.replaceAll("^/+", "")).normalize().toString());
        }
        if (!place.exact()) {
            return Optional.of(path.toString());
        }
        Path file = path.getFileName();
        Path parent = path.getParent();
        if (file == null
                || parent == null
                || !file.toString().equals(place.path().substring(slash + 1))) {
            findings.leftOut(directive, "one file under another name: CLOSED with 404 here");
            return Optional.empty();
        }
        return Optional.of(parent.toString());
    }

    private @Nullable String index() {
        Directive directive = scope.take("index");
        if (directive == null) {
            return null;
        }
        String first = directive.argument(0);
        if (directive.arguments().size() > 1) {
            findings.differs(directive, "one name stands for a folder, the first");
        }
        return first.matches("[^./$][^/$]*") && !first.equals("index.html") ? first : null;
    }

    /** {@code expires} and {@code add_header Cache-Control} make one field. */
    private void expires(YamlMap files) {
        cacheControl(scope, files);
        String added = addedCacheControl(scope);
        if (!added.isEmpty()) {
            Object said = files.get("cache-control");
            files.put("cache-control", said == null ? added : said + ", " + added);
        }
    }

    private static String addedCacheControl(Scope scope) {
        return scope.takeAll("add_header").stream()
                .filter(FilesOfPlace::isCacheControl)
                .map(d -> d.argument(1))
                .findFirst()
                .orElse("");
    }

    /** Whether it adds a {@code Cache-Control} that {@code files} can have. */
    static boolean isCacheControl(Directive addHeader) {
        return addHeader.argument(0).equalsIgnoreCase("Cache-Control")
                && addHeader.argument(1).matches("[A-Za-z0-9=,; -]*[A-Za-z0-9]");
    }

    /** Writes what {@code expires} says as {@code expires} or {@code cache-control}. */
    private static void cacheControl(Scope scope, YamlMap into) {
        Directive directive = scope.take("expires");
        if (directive == null || directive.argument(0).equals("off")) {
            return;
        }
        Optional<Duration> age = age(directive);
        if (age.isPresent()) {
            into.put("expires", Quantity.shown(age.get()));
        } else if (List.of("epoch", "-1", "0").contains(directive.argument(0))
                || directive.argument(0).startsWith("-")) {
            into.put("cache-control", "no-cache");
        } else {
            scope.findings().leftOut(directive, "how long something may be kept is a fixed time");
        }
    }

    private static Optional<Duration> age(Directive expires) {
        return expires.argument(0).equals("max")
                ? Optional.of(Duration.ofDays(3650))
                : Quantity.time(expires.argument(0))
                        .filter(time -> expires.arguments().size() == 1);
    }

    /** What {@code expires} means where requests are forwarded: a header field. */
    static YamlMap expiresField(Scope scope) {
        YamlMap said = new YamlMap();
        cacheControl(scope, said);
        YamlMap set = new YamlMap();
        Directive directive = scope.take("expires");
        if (said.isEmpty() || directive == null) {
            return set;
        }
        long seconds = age(directive).orElse(Duration.ZERO).toSeconds();
        scope.findings().differs(directive, "Cache-Control alone, in place of the backend's, on every answer");
        return set.put("Cache-Control", said.has("expires") ? "max-age=" + seconds : "no-cache");
    }

    private static @Nullable Directive last(List<Directive> directives) {
        return directives.isEmpty() ? null : directives.get(directives.size() - 1);
    }
}

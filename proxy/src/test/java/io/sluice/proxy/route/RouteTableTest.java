package io.sluice.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableTest {
    private static RouteSettings route(String name, String host, PathMatch match, String path) {
        return TestSettings.route(
                "name: " + name, "host: '" + host + "'", (match == PathMatch.EXACT ? "exact-path: " : "path: ") + path);
    }

    private final RouteTable table = new RouteTable(List.of(
            route("any", "", PathMatch.PREFIX, "/"),
            route("hooks", "", PathMatch.PREFIX, "/webhook/"),
            route("api", "", PathMatch.PREFIX, "/api"),
            route("one", "", PathMatch.EXACT, "/webhook/one"),
            route("wild", "*.example.com", PathMatch.PREFIX, "/"),
            route("host", "www.example.com", PathMatch.PREFIX, "/api")));

    private @Nullable String match(String host, String path) {
        Route route = table.match("GET", "http", host, path);
        return route == null ? null : route.name();
    }

    @Test
    void theMostSpecificWins() {
        assertThat(match("x", "/webhook/one")).isEqualTo("one");
        assertThat(match("x", "/webhook/two")).isEqualTo("hooks");
        assertThat(match("x", "/")).isEqualTo("any");
        assertThat(match("WWW.example.com", "/api/x")).isEqualTo("host");
        assertThat(match("www.example.com", "/other")).isEqualTo("wild");
        assertThat(match("example.com", "/api")).isEqualTo("api");
    }

    @Test
    void prefixesEndAtSegments() {
        assertThat(match("x", "/api")).isEqualTo("api");
        assertThat(match("x", "/api/y")).isEqualTo("api");
        assertThat(match("x", "/apis")).isEqualTo("any");
        assertThat(match("x", "/webhook")).isEqualTo("any");
    }

    @Test
    void hostsMatterWhereARouteHasOne() {
        assertThat(table.dependsOnHost()).isTrue();
        assertThat(new RouteTable(List.of(route("any", "", PathMatch.PREFIX, "/"))).dependsOnHost())
                .isFalse();
    }

    @Test
    void nothingMatchesAnEmptyTable() {
        assertThat(new RouteTable(List.of()).match("GET", "http", "x", "/")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "/a, /b, /a, /b",
        "/a, /b, /a/, /b/",
        "/a, /b/, /a/x, /b/x",
        "/a/, /b, /a/x, /b/x",
        "/a/, /, /a/x/y, /x/y",
        "/a/, /, /a/, /",
        "/a, /, /a, /",
        "/, /b, /x, /b/x",
        "/, /b, /, /b/"
    })
    void aPrefixIsReplacedBetweenSlashes(String path, String replacement, String asked, String sent) {
        RouteSettings settings = TestSettings.route("path: " + path, "replace-prefix: " + replacement);
        assertThat(new Route(0, settings).rewritten(asked)).isEqualTo(sent);
    }
}

package io.sluice.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private static RouteSettings route(String name, String host, PathMatch match, String path) {
        return new RouteSettings(
                name,
                host,
                match,
                path,
                "p",
                RouteTimeouts.defaults(),
                RetrySettings.defaults(),
                1,
                HostHeader.CLIENT,
                false,
                true);
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
    void nothingMatchesAnEmptyTable() {
        assertThat(new RouteTable(List.of()).match("GET", "http", "x", "/")).isNull();
    }
}

package io.sluice.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathNormalizerTest {
    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/a/b, /a/b",
        "/a/, /a/",
        "//a///b, /a/b",
        "/a/./b, /a/b",
        "/a/., /a/",
        "/a/b/.., /a/",
        "/a/../b, /b",
        "/a/b/../../c, /c",
        "/%61%2Db, /a-b",
        "/a%2fb, /a%2Fb",
        "/a%20b, /a%20b",
        "/.well-known/x, /.well-known/x",
        "/a..b/...c, /a..b/...c",
        "/%252e%252e/a, /%252e%252e/a"
    })
    void bringsIntoNormalForm(String path, String normal) {
        assertThat(PathNormalizer.normalize(path)).isEqualTo(normal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "/..",
                "/a/../..",
                "/%2e%2e/a",
                "/a/%2E",
                "/.%2e",
                "/a%2f..%2fb",
                "/..%2Fa",
                "/a\\b",
                "/a%5cb",
                "/a%00",
                "/a%0",
                "/a%",
                "/a%g1",
                "/a b",
                "/a#b",
                "/\u00e4",
                "/a\u007f"
            })
    void refusesWhatCouldBeReadInTwoWays(String path) {
        assertThat(PathNormalizer.normalize(path)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a/b", "/webhook/x-1_2~3", "/a/b.c"})
    void whatIsNormalIsNotCopied(String path) {
        assertThat(PathNormalizer.normalize(path)).isSameAs(path);
    }
}

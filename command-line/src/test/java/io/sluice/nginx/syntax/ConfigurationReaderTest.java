package io.sluice.nginx.syntax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationReaderTest {
    @TempDir
    private Path folder = Path.of("");

    private List<Directive> read(String text) throws IOException {
        return ConfigurationReader.read(write("nginx.conf", text));
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Test
    void directivesHaveNamesArgumentsBlocksAndLines() throws IOException {
        List<Directive> read = read("worker_processes auto;\n\nhttp {\n  server { listen 80; }\n}\n");

        assertThat(read).extracting(Directive::name).containsExactly("worker_processes", "http");
        assertThat(read.get(0).arguments()).containsExactly("auto");
        assertThat(read.get(0).block()).isNull();
        Directive listen = read.get(1).children().get(0).children().get(0);
        assertThat(listen.position()).hasToString("nginx.conf:4");
        assertThat(listen.shown()).isEqualTo("listen 80");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
                    a 'b c' "d;e{f}";     ~ b c|d;e{f}
                    a "say \\"x\\"" 'it\\'s'; ~ say "x"|it's
                    a \\.php$ ^/x\\d+;    ~ \\.php$|^/x\\d+
                    a ${host}x $y;        ~ ${host}x|$y
                    a b#c d; # e;         ~ b#c|d
                    a "" '';              ~ `|`
                    a b;a c;              ~ b
                    """)
    void wordsAreReadAsNginxReadsThem(String text, String arguments) throws IOException {
        assertThat(String.join("|", read(text).get(0).arguments())).isEqualTo(arguments);
    }

    @Test
    void aBackslashMakesControlCharactersAndKeepsBackslashes() throws IOException {
        assertThat(read("a x\\ny \"z\\\\\" \\d;").get(0).arguments()).containsExactly("x\ny", "z\\", "\\d");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
                    http { server {        ~ nginx.conf:1: unexpected end of file
                    a b                    ~ nginx.conf:1: unexpected end of directive a
                    }                      ~ nginx.conf:1: unexpected }
                    a { b; } }             ~ nginx.conf:1: unexpected }
                    ;                      ~ nginx.conf:1: unexpected ;
                    { a; }                 ~ nginx.conf:1: unexpected {
                    a "b;                  ~ nginx.conf:1: unexpected end of file (expected: a closing ")
                    a "b"c;                ~ nginx.conf:1: unexpected c after a closing quote
                    a b }                  ~ unexpected end of directive a
                    x_by_lua_block { {     ~ expected: a closing brace
                    """)
    void whatIsNoSyntaxIsAnErrorWithItsLine(String text, String message) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void includesAreReplacedByWhatTheyNameInTheOrderOfNames() throws IOException {
        write("conf.d/b.conf", "b;");
        write("conf.d/a.conf", "a; include snippets/[s]*.conf;");
        write("conf.d/.hidden.conf", "hidden;");
        write("conf.d/other.txt", "other;");
        write("snippets/s.conf", "s 1;\ns 2;");

        List<Directive> read = read("first; include conf.d/*.conf; last;");

        assertThat(read).extracting(Directive::name).containsExactly("first", "a", "s", "s", "b", "last");
        assertThat(read.get(3).position()).hasToString("snippets/s.conf:2");
    }

    @Test
    void anIncludeOfASingleSiteIsLookedForAboveItToo() throws IOException {
        write("snippets/s.conf", "s;");

        List<Directive> read =
                ConfigurationReader.read(write("sites-enabled/site", "include snippets/s.conf; include ./no-such;"));

        assertThat(read).extracting(Directive::name).containsExactly("s", "include");
    }

    @Test
    void anIncludeOfItselfIsAnError() {
        assertThatThrownBy(() -> read("include nginx.conf;"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("too many includes");
    }

    @Test
    void depthIsLimited() {
        assertThatThrownBy(() -> read("a { ".repeat(10_000)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("more than 40 blocks");
    }

    @Test
    void aFileThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> ConfigurationReader.read(folder.resolve("none.conf")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("none.conf");
    }

    @Test
    void aBlockInAnotherLanguageIsSkipped() throws IOException {
        List<Directive> read = read("content_by_lua_block { local t = {1; 2} }\nnext;");

        assertThat(read).extracting(Directive::name).containsExactly("content_by_lua_block", "next");
        assertThat(read.get(1).position().line()).isEqualTo(2);
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyTextIsReadOrRefused(long seed) throws IOException {
        Random random = new Random(seed);
        String[] pieces = {
            "{",
            "}",
            ";",
            "\"",
            "'",
            "\\",
            "#",
            "\n",
            " ",
            "$",
            "${",
            "a",
            "include *;",
            "\0",
            "\u00e9",
            "server {",
            "_by_lua_block {"
        };
        for (int i = 0; i < 300; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(40); n > 0; n--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            try {
                read(text.toString())
                        .forEach(directive -> assertThat(directive.shown()).matches("[ -~]*"));
            } catch (ConfigurationException refused) {
                assertThat(refused).hasMessageMatching("(?s).*(:\\d+: |too many).*");
            }
        }
    }
}

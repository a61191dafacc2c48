package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportNginxCommandTest {
    @TempDir
    private Path folder = Path.of("");

    private final CapturedConsole console = new CapturedConsole(false);

    private int run(String configuration, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("nginx.conf"), configuration);
        String[] arguments = new String[options.length + 2];
        arguments[0] = "import-nginx";
        arguments[1] = file.toString();
        System.arraycopy(options, 0, arguments, 2, options.length);
        return console.run(folder, arguments);
    }

    @Test
    void whatIsCarriedOverWholeEndsWithZero() throws IOException {
        int code = run("user www; server { location / { proxy_pass http://a:1; } }");

        assertThat(code).isEqualTo(ExitCode.OK);
        assertThat(console.out()).contains("pool: a-1");
        assertThat(console.err()).contains("1 directives are not needed");
    }

    @Test
    void whatIsLeftOutIsListedAndEndsWithFour() throws IOException {
        int code = run("server {\n  location / {\n    proxy_cache all;\n    proxy_pass http://a:1;\n  }\n}");

        assertThat(code).isEqualTo(ExitCode.PARTIAL);
        assertThat(console.err()).contains("LEFT OUT:", "nginx.conf:3 proxy_cache all: there is no response cache");
        assertThat(console.out()).contains("#   nginx.conf:3 proxy_cache all");
    }

    @Test
    void anExistingFileIsReplacedOnlyWhenForced() throws IOException {
        Path output = Files.writeString(folder.resolve("proxy.yaml"), "mine");
        String configuration = "server { return 204; }";

        assertThat(run(configuration, "-o", output.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(output).hasContent("mine");
        assertThat(console.err()).contains("is there already");
        assertThat(run(configuration, "-o", output.toString(), "--force")).isEqualTo(ExitCode.OK);
        assertThat(output).content().contains("status: 204");
    }

    @Test
    void whatIsNoConfigurationIsRefusedWithItsLine() throws IOException {
        assertThat(run("server {\n")).isEqualTo(ExitCode.USAGE);
        assertThat(console.err()).contains("nginx.conf:2: unexpected end of file");
        assertThat(console.run(folder, "import-nginx", folder.resolve("none").toString()))
                .isEqualTo(ExitCode.USAGE);
    }
}

package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.route.RouteSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilesIT {
    @TempDir
    Path folder;

    private Path root;
    private TestProxy proxy;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectories(folder.resolve("public"));
        Files.writeString(root.resolve("a.txt"), "0123456789");
        Files.writeString(root.resolve(".secret"), "hidden");
        Files.writeString(folder.resolve("outside.txt"), "outside");
        Files.createDirectories(root.resolve("docs"));
        Files.createDirectories(root.resolve(".git"));
        Files.writeString(root.resolve(".git/config"), "hidden");
        Files.writeString(root.resolve("docs/index.html"), "<p>index");
        Files.writeString(root.resolve("grüß dich.txt"), "hello");
        Files.createSymbolicLink(root.resolve("escape.txt"), folder.resolve("outside.txt"));
        Files.createSymbolicLink(root.resolve("up"), folder);
        Files.createSymbolicLink(root.resolve("visible.txt"), root.resolve(".secret"));
        Files.createSymbolicLink(root.resolve("inside.txt"), root.resolve("a.txt"));
        String files = "files: {root: '" + root + "', cache-control: 'public, immutable, max-age=60'}";
        proxy = TestProxy.to(TestSettings.route("path: /static", files));
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    private RawClient.Response get(String path, String... fields) throws IOException {
        return call("GET", path, fields);
    }

    private RawClient.Response call(String method, String path, String... fields) throws IOException {
        String more = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return RawClient.call(proxy.port(), method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n");
    }

    @Test
    void givesAFileWithWhatCachesNeed() throws Exception {
        RawClient.Response response = get("/static/a.txt?v=1");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("0123456789");
        assertThat(response.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(response.header("Cache-Control")).isEqualTo("public, immutable, max-age=60");
        assertThat(response.header("Accept-Ranges")).isEqualTo("bytes");
        assertThat(response.header("ETag")).matches("\"[0-9a-f]+-a\"");
        assertThat(response.header("Last-Modified")).endsWith(" GMT");
        assertThat(proxy.nextExchange().responseBytes()).isEqualTo(10);
        RawClient.Response head = call("HEAD", "/static/a.txt");
        assertThat(head.header("Content-Length")).isEqualTo("10");
        assertThat(get("/static/inside.txt").body()).isEqualTo("0123456789");
        assertThat(get("/static/gr%C3%BC%C3%9F%20dich.txt").status()).isIn(200, 404);
    }

    @Test
    void givesNothingTwiceToWhoeverHasIt() throws Exception {
        RawClient.Response first = get("/static/a.txt");
        String etag = first.header("ETag");
        String date = first.header("Last-Modified");
        assertThat(get("/static/a.txt", "If-None-Match: \"x\", W/" + etag).status())
                .isEqualTo(304);
        RawClient.Response unchanged = get("/static/a.txt", "If-Modified-Since: " + date);
        assertThat(unchanged.status()).isEqualTo(304);
        assertThat(unchanged.header("ETag")).isEqualTo(etag);
        assertThat(unchanged.head()).doesNotContain("Content-Length");
        // If-None-Match decides where both are given.
        assertThat(get("/static/a.txt", "If-None-Match: \"x\"", "If-Modified-Since: " + date)
                        .status())
                .isEqualTo(200);
        assertThat(get("/static/a.txt", "If-Match: \"x\"").status()).isEqualTo(412);
        assertThat(get("/static/a.txt", "If-Match: " + etag).status()).isEqualTo(200);
        assertThat(get("/static/a.txt", "If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT")
                        .status())
                .isEqualTo(412);
    }

    @Test
    void givesOneRange() throws Exception {
        RawClient.Response part = get("/static/a.txt", "Range: bytes=2-4");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("234");
        assertThat(part.header("Content-Range")).isEqualTo("bytes 2-4/10");
        assertThat(get("/static/a.txt", "Range: bytes=7-").body()).isEqualTo("789");
        assertThat(get("/static/a.txt", "Range: bytes=-2").body()).isEqualTo("89");
        assertThat(get("/static/a.txt", "Range: bytes=-99").body()).isEqualTo("0123456789");
        assertThat(get("/static/a.txt", "Range: bytes=8-99999999999999999999").body())
                .isEqualTo("89");
        RawClient.Response beyond = get("/static/a.txt", "Range: bytes=10-");
        assertThat(beyond.status()).isEqualTo(416);
        assertThat(beyond.header("Content-Range")).isEqualTo("bytes */10");
        assertThat(get("/static/a.txt", "Range: bytes=-0").status()).isEqualTo(416);
        for (String ignored : new String[] {"bytes=4-2", "lines=1-2", "bytes=0-1,3-4", "bytes=x-", "bytes=-"}) {
            assertThat(get("/static/a.txt", "Range: " + ignored).status())
                    .as(ignored)
                    .isEqualTo(200);
        }
        String etag = part.header("ETag");
        assertThat(get("/static/a.txt", "Range: bytes=2-4", "If-Range: " + etag).status())
                .isEqualTo(206);
        assertThat(get("/static/a.txt", "Range: bytes=2-4", "If-Range: \"x\"").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/static/../outside.txt",
                "/static/%2e%2e/outside.txt",
                "/static/..%2foutside.txt",
                "/static/docs/..%2f..%2foutside.txt",
                "/static/..%5coutside.txt",
                "/static/escape.txt",
                "/static/up/outside.txt",
                "/static/up/public/a.txt/../../outside.txt",
                "/static/.secret",
                "/static/visible.txt",
                "/static/.git/config",
                "/static/%2egit/config",
                "/static/a.txt%00",
                "/static/a.txt/",
                "/static/%ff",
                "/static//etc/passwd",
                "/static/nowhere",
                "/static/",
                "/static/docs/nowhere/"
            })
    void givesNothingElse(String path) throws Exception {
        RawClient.Response response = get(path);
        assertThat(response.status()).isIn(400, 404);
        assertThat(response.body()).doesNotContain("outside", "hidden", "root:");
    }

    @Test
    void foldersHaveAnIndexAndASlash() throws Exception {
        assertThat(get("/static/docs/").body()).isEqualTo("<p>index");
        RawClient.Response moved = get("/static/docs?x");
        assertThat(moved.status()).isEqualTo(301);
        assertThat(moved.header("Location")).isEqualTo("/static/docs/?x");
        RawClient.Response refused = call("POST", "/static/a.txt");
        assertThat(refused.status()).isEqualTo(405);
        assertThat(refused.header("Allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void largeFilesArriveWholeOneAfterTheOther() throws Exception {
        byte[] bytes = new byte[9_000_001];
        new Random(1).nextBytes(bytes);
        Files.write(root.resolve("large.bin"), bytes);
        String expected = new String(bytes, StandardCharsets.ISO_8859_1);
        try (RawClient client = new RawClient(proxy.port())) {
            for (int i = 0; i < 3; i++) {
                client.write("GET /static/large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
                RawClient.Response response = client.read();
                assertThat(response.header("Content-Type")).isEqualTo("application/octet-stream");
                assertThat(response.body().equals(expected)).isTrue();
                assertThat(proxy.nextExchange().responseBytes()).isEqualTo(bytes.length);
            }
        }
    }

    @Test
    void aClientThatLeavesEndsIt() throws Exception {
        Files.write(root.resolve("large.bin"), new byte[30_000_000]);
        try (RawClient client = new RawClient(proxy.port())) {
            client.write("GET /static/large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
            client.readHead();
            client.reset();
        }
        assertThat(proxy.nextExchange().status()).isEqualTo(499);
    }

    @Test
    void filesSayWhenTheyExpire() throws IOException {
        RouteSettings route = TestSettings.route("files: {root: '" + root + "', expires: epoch}");
        try (TestProxy expiring = TestProxy.to(route)) {
            RawClient.Response response = RawClient.call(expiring.port(), "GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n");
            assertThat(response.header("Cache-Control")).isEqualTo("no-cache");
            assertThat(response.header("Expires")).isEqualTo("Thu, 01 Jan 1970 00:00:01 GMT");
        }
        assertThat(get("/static/a.txt").header("Expires")).isEmpty();
    }
}

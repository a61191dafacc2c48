package io.sluice.proxy.files;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Which media type a file has by its name. */
public final class MediaTypes {
    private static final String UNKNOWN = "application/octet-stream";
    private static final Map<String, String> BY_EXTENSION = new HashMap<>();

    static {
        add("text/html; charset=utf-8", "html", "htm");
        add("text/css; charset=utf-8", "css");
        add("text/javascript; charset=utf-8", "js", "mjs");
        add("text/plain; charset=utf-8", "txt", "log", "conf");
        add("text/markdown; charset=utf-8", "md");
        add("text/csv; charset=utf-8", "csv");
        add("application/json", "json", "map");
        add("application/manifest+json", "webmanifest");
        add("application/xml", "xml", "xsl");
        add("application/atom+xml", "atom");
        add("application/rss+xml", "rss");
        add("application/yaml", "yaml", "yml");
        add("application/pdf", "pdf");
        add("application/wasm", "wasm");
        add("application/zip", "zip");
        add("application/gzip", "gz", "tgz");
        add("application/zstd", "zst");
        add("application/x-tar", "tar");
        add("application/java-archive", "jar", "war");
        add("image/svg+xml", "svg");
        add("image/png", "png");
        add("image/jpeg", "jpg", "jpeg");
        add("image/gif", "gif");
        add("image/webp", "webp");
        add("image/avif", "avif");
        add("image/x-icon", "ico");
        add("image/bmp", "bmp");
        add("image/tiff", "tif", "tiff");
        add("font/woff", "woff");
        add("font/woff2", "woff2");
        add("font/ttf", "ttf");
        add("font/otf", "otf");
        add("audio/mpeg", "mp3");
        add("audio/ogg", "ogg", "oga");
        add("audio/wav", "wav");
        add("video/mp4", "mp4", "m4v");
        add("video/webm", "webm");
        add("video/quicktime", "mov");
    }

    private MediaTypes() {}

    private static void add(String type, String... extensions) {
        for (String extension : extensions) {
            BY_EXTENSION.put(extension, type);
        }
    }

    public static String of(String fileName) {
        int dot = fileName.lastIndexOf('.');
        String extension = fileName.substring(dot + 1).toLowerCase(Locale.ROOT);
        return dot < 0 ? UNKNOWN : BY_EXTENSION.getOrDefault(extension, UNKNOWN);
    }
}

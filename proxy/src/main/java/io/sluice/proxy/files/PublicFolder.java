package io.sluice.proxy.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * A folder whose files are public. A name leads to a file only if the file's real path, with all links followed, lies in the folder's real path:
 * both are looked up at every opening, since what they lead to may be replaced at any time. Nothing is public whose name, or the name of a folder on
 * the way to it, begins with a dot.
 */
public final class PublicFolder {
    /** What a name led to. */
    public sealed interface Found permits Opened, IsFolder, Nothing {}

    public record Opened(OpenFile file) implements Found {}

    /** A folder that was asked for without a slash at the end. */
    public record IsFolder() implements Found {}

    public record Nothing() implements Found {}

    private static final Found NOTHING = new Nothing();

    private final Path root;
    private final String index;

    /** @param index the file that stands for a folder; empty for none */
    public PublicFolder(Path root, String index) {
        this.root = root;
        this.index = index;
    }

    /**
     * Opens what a path leads to. Blocks.
     *
     * @param path relative to the folder, as in a normalised request target: percent-encoded, with a slash at the end for a folder
     */
    public Found open(String path) {
        String name = decode(path).filter(PublicFolder::isPublic).orElse(null);
        if (name == null) {
            return NOTHING;
        }
        try {
            return open(root.toRealPath(), name);
        } catch (IOException | InvalidPathException notThere) {
            return NOTHING;
        }
    }

    private Found open(Path realRoot, String name) throws IOException {
        boolean asFolder = name.isEmpty() || name.endsWith("/");
        if (asFolder && index.isEmpty()) {
            return NOTHING;
        }
        Path real = realRoot.resolve(asFolder ? name + index : name).toRealPath();
        if (!real.startsWith(realRoot) || !isPublic(realRoot.relativize(real).toString())) {
            return NOTHING;
        }
        BasicFileAttributes attributes =
                Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isDirectory() && !asFolder) {
            return new IsFolder();
        }
        // Nothing else: opening a pipe would wait for a writer.
        if (!attributes.isRegularFile()) {
            return NOTHING;
        }
        FileChannel channel = FileChannel.open(real, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        Path fileName = real.getFileName();
        return new Opened(new OpenFile(
                channel,
                fileName == null ? "" : fileName.toString(),
                channel.size(),
                attributes.lastModifiedTime().toMillis()));
    }

    private static boolean isPublic(String path) {
        for (String segment : path.split("/", -1)) {
            if (segment.startsWith(".")) {
                return false;
            }
        }
        return true;
    }

    /** Empty when it is not UTF-8, or has what only an attacker puts into a name. */
    private static Optional<String> decode(String path) {
        byte[] octets = new byte[path.length()];
        int length = 0;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            int octet = c;
            if (c == '%') {
                octet = Integer.parseInt(path, i + 1, i + 3, 16);
                i += 2;
                if (octet == '/') {
                    return Optional.empty();
                }
            }
            if (octet < ' ' || octet == '\\' || octet == 0x7f) {
                return Optional.empty();
            }
            octets[length] = (byte) octet;
            length++;
        }
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets, 0, length))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}

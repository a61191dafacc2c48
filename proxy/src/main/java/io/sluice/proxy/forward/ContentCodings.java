package io.sluice.proxy.forward;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.util.Native;
import io.netty.buffer.ByteBufAllocator;
import io.sluice.proxy.route.CompressionLevels;
import io.sluice.proxy.route.ContentCoding;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content codings that this machine can make. Those with native code need a library for its processor and a folder for temporary files that
 * programs can be run from; where that is missing they are not offered, which is logged once.
 */
public final class ContentCodings {
    private static final Logger LOG = LoggerFactory.getLogger(ContentCodings.class);

    private ContentCodings() {}

    /** Loads libraries when it is first used, and not before. */
    private static final class Loaded {
        static final Set<ContentCoding> USABLE = load();

        private static Set<ContentCoding> load() {
            Set<ContentCoding> usable = EnumSet.of(ContentCoding.GZIP);
            // Not by method references, for which these classes would have to be there before it is tried.
            tryLoad(usable, ContentCoding.BROTLI, () -> Brotli4jLoader.ensureAvailability());
            tryLoad(usable, ContentCoding.ZSTD, () -> Native.load());
            return usable;
        }
    }

    private static void tryLoad(Set<ContentCoding> usable, ContentCoding coding, Runnable loader) {
        try {
            loader.run();
            usable.add(coding);
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("compression: {} is not offered, its library cannot be loaded: {}", coding.token(), e.toString());
            LOG.debug("{}", coding.token(), e);
        }
    }

    /** Makes sure that {@link #available} does not block, which it does when it is the first. Blocks for some 50 ms. */
    public static void load() {
        available(List.of());
    }

    /** Those among {@code wanted} that can be used, in the same order. */
    static List<ContentCoding> available(List<ContentCoding> wanted) {
        return wanted.stream().filter(Loaded.USABLE::contains).toList();
    }

    /** An encoder of a coding that is available. */
    static ContentEncoder encoder(ContentCoding coding, CompressionLevels levels, ByteBufAllocator allocator) {
        return switch (coding) {
            case GZIP -> new GzipWriter(allocator, levels.gzip());
            case BROTLI -> new BrotliWriter(allocator, levels.brotli());
            case ZSTD -> new ZstdWriter(allocator, levels.zstd());
        };
    }
}

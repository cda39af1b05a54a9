import Parquet

/// Every Parquet file of the conformance corpus, with what reading it gives.
///
/// Rows are given with the FNV-1a hash of the JSON Lines that they print as; the values behind the
/// hashes were compared with those that the reference implementations read.
struct CorpusEntry: Sendable {
  enum Outcome: Equatable, Sendable {
    case rows(Int, digest: UInt64)
    case failure(ParquetError.Kind)
    /// Rows that take more memory than the standard budget: how many, and the bytes of one text.
    case large(Int, textByteCount: Int)
  }

  let path: String
  let outcome: Outcome

  init(_ path: String, _ outcome: Outcome) {
    self.path = path
    self.outcome = outcome
  }
}

enum CorpusRegistry {
  private typealias Entry = CorpusEntry

  /// Files that are no Parquet files: expected values, keys, bloom filters, notes.
  static let companionSuffixes = [".md", ".csv", ".json", ".yaml", ".txt", ".bin"]

  static let entries: [CorpusEntry] = [
    Entry("bad_data/ARROW-GH-41317.parquet", .failure(.corrupt)),
    Entry("bad_data/ARROW-GH-41321.parquet", .failure(.corrupt)),
    Entry("bad_data/ARROW-GH-43605.parquet", .rows(21186, digest: 0x2d1f2685bf7008bf)),
    Entry("bad_data/ARROW-GH-45185.parquet", .failure(.corrupt)),
    Entry("bad_data/ARROW-GH-47662.parquet", .failure(.corrupt)),
    Entry("bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet", .failure(.corrupt)),
    Entry("bad_data/ARROW-RS-GH-6229-LEVELS.parquet", .failure(.corrupt)),
    Entry("bad_data/PARQUET-1481.parquet", .failure(.corrupt)),
    Entry("data/aes256/encrypt_columns_and_footer.parquet.encrypted", .failure(.encrypted)),
    Entry("data/aes256/encrypt_columns_and_footer_ctr.parquet.encrypted", .failure(.encrypted)),
    Entry(
      "data/aes256/encrypt_columns_and_footer_disable_aad_storage.parquet.encrypted",
      .failure(.encrypted)),
    Entry("data/aes256/encrypt_columns_plaintext_footer.parquet.encrypted", .failure(.encrypted)),
    Entry("data/aes256/uniform_encryption.parquet.encrypted", .failure(.encrypted)),
    Entry("data/alltypes_dictionary.parquet", .rows(2, digest: 0xca017b93a43ec4e9)),
    Entry("data/alltypes_plain.parquet", .rows(8, digest: 0x40167d7fc720e31d)),
    Entry("data/alltypes_plain.snappy.parquet", .rows(2, digest: 0xb9e850313dd2b329)),
    Entry("data/alltypes_tiny_pages.parquet", .rows(7300, digest: 0x5941167226054df3)),
    Entry("data/alltypes_tiny_pages_plain.parquet", .rows(7300, digest: 0x5941167226054df3)),
    Entry("data/binary.parquet", .rows(12, digest: 0x7c6a88b713245d49)),
    Entry("data/binary_truncated_min_max.parquet", .rows(12, digest: 0x8a00eba27e4f6c6c)),
    Entry("data/byte_array_decimal.parquet", .rows(24, digest: 0xc1229394996aba61)),
    Entry("data/byte_stream_split.zstd.parquet", .rows(300, digest: 0x8726553a7b9b8e07)),
    Entry("data/byte_stream_split_extended.gzip.parquet", .rows(200, digest: 0x7a22ec77b7f16fbd)),
    Entry("data/column_chunk_key_value_metadata.parquet", .rows(0, digest: 0xcbf29ce484222325)),
    Entry("data/concatenated_gzip_members.parquet", .rows(513, digest: 0x7c8940ce7cf871c5)),
    Entry("data/data_index_bloom_encoding_stats.parquet", .rows(14, digest: 0xf10c46c11dce1ebc)),
    Entry(
      "data/data_index_bloom_encoding_with_length.parquet", .rows(14, digest: 0xf10c46c11dce1ebc)),
    Entry("data/datapage_v1-corrupt-checksum.parquet", .failure(.checksumMismatch)),
    Entry(
      "data/datapage_v1-snappy-compressed-checksum.parquet", .rows(5120, digest: 0x558529829178ee75)
    ),
    Entry(
      "data/datapage_v1-uncompressed-checksum.parquet", .rows(5120, digest: 0x558529829178ee75)),
    Entry("data/datapage_v2.snappy.parquet", .rows(5, digest: 0x2a7e16539b960b08)),
    Entry("data/datapage_v2_empty_datapage.snappy.parquet", .rows(1, digest: 0xa02c43c24f8c3647)),
    Entry("data/delta_binary_packed.parquet", .rows(200, digest: 0x8cf219d70712349e)),
    Entry("data/delta_byte_array.parquet", .rows(1000, digest: 0xa05b197f8a03f53c)),
    Entry("data/delta_encoding_optional_column.parquet", .rows(100, digest: 0x40e34e9a6c07b4f6)),
    Entry("data/delta_encoding_required_column.parquet", .rows(100, digest: 0x701f2b2c9742700e)),
    Entry("data/delta_length_byte_array.parquet", .rows(1000, digest: 0xc7e083ddb1fe97c1)),
    Entry("data/dict-page-offset-zero.parquet", .rows(39, digest: 0x4eeb4df462ab2939)),
    Entry("data/encrypt_columns_and_footer.parquet.encrypted", .failure(.encrypted)),
    Entry("data/encrypt_columns_and_footer_aad.parquet.encrypted", .failure(.encrypted)),
    Entry("data/encrypt_columns_and_footer_bloom_filter.parquet.encrypted", .failure(.encrypted)),
    Entry("data/encrypt_columns_and_footer_ctr.parquet.encrypted", .failure(.encrypted)),
    Entry(
      "data/encrypt_columns_and_footer_disable_aad_storage.parquet.encrypted", .failure(.encrypted)),
    Entry("data/encrypt_columns_plaintext_footer.parquet.encrypted", .failure(.encrypted)),
    Entry("data/external_key_material_java.parquet.encrypted", .failure(.encrypted)),
    Entry("data/fixed_length_byte_array.parquet", .rows(1000, digest: 0x422c77d9744e36db)),
    Entry("data/fixed_length_decimal.parquet", .rows(24, digest: 0xc1229394996aba61)),
    Entry("data/fixed_length_decimal_legacy.parquet", .rows(24, digest: 0xc1229394996aba61)),
    Entry("data/float16_nonzeros_and_nans.parquet", .rows(8, digest: 0x2cad98115c6f6a6)),
    Entry("data/float16_zeros_and_nans.parquet", .rows(3, digest: 0x706597097b5c3f4f)),
    Entry("data/floating_orders_nan_count.parquet", .rows(50, digest: 0xfbc10bd9cd6b7095)),
    Entry("data/geospatial/crs-arbitrary-value.parquet", .rows(1, digest: 0x8ac498a3c7689920)),
    Entry("data/geospatial/crs-default.parquet", .rows(1, digest: 0xccc355493eacd48e)),
    Entry("data/geospatial/crs-geography.parquet", .rows(1, digest: 0x90dab81214d41276)),
    Entry("data/geospatial/crs-projjson.parquet", .rows(1, digest: 0x8ac498a3c7689920)),
    Entry("data/geospatial/crs-srid.parquet", .rows(1, digest: 0x8ac498a3c7689920)),
    Entry("data/geospatial/geography-lines.parquet", .rows(499, digest: 0x8ce994ff533406e1)),
    Entry("data/geospatial/geography-points.parquet", .rows(500, digest: 0x6c52d172ca41d13)),
    Entry("data/geospatial/geography-polygons.parquet", .rows(500, digest: 0x12287ecc8bdf6792)),
    Entry("data/geospatial/geospatial-with-nan.parquet", .rows(3, digest: 0xff455724760c889)),
    Entry("data/geospatial/geospatial.parquet", .rows(196, digest: 0xb634ae2b5b7fa7ce)),
    Entry("data/hadoop_lz4_compressed.parquet", .rows(4, digest: 0xfc906f0c8cfcd731)),
    Entry("data/hadoop_lz4_compressed_larger.parquet", .rows(10000, digest: 0xb000d5d12b4b4595)),
    Entry("data/incorrect_map_schema.parquet", .rows(1, digest: 0x13c1e9f16365ddd2)),
    Entry("data/int32_decimal.parquet", .rows(24, digest: 0xc1229394996aba61)),
    Entry("data/int32_with_null_pages.parquet", .rows(1000, digest: 0x64e9e3a24f8c918a)),
    Entry("data/int64_decimal.parquet", .rows(24, digest: 0xc1229394996aba61)),
    Entry("data/int96_from_spark.parquet", .failure(.schemaMismatch)),
    Entry("data/list_columns.parquet", .rows(3, digest: 0x2d071cf828386692)),
    Entry("data/lz4_raw_compressed.parquet", .rows(4, digest: 0xfc906f0c8cfcd731)),
    Entry("data/lz4_raw_compressed_larger.parquet", .rows(10000, digest: 0xb000d5d12b4b4595)),
    Entry("data/map_no_value.parquet", .rows(3, digest: 0x486a34bc9d557b31)),
    Entry("data/nan_in_stats.parquet", .rows(2, digest: 0x6bd4073ecf8de4b)),
    Entry("data/nation.dict-malformed.parquet", .rows(25, digest: 0x7d52cba7d9e77f07)),
    Entry("data/nested_lists.snappy.parquet", .rows(3, digest: 0xf113d291b53c7a50)),
    Entry("data/nested_maps.snappy.parquet", .rows(6, digest: 0x4b9de375a7c18bec)),
    Entry("data/nested_structs.rust.parquet", .rows(1, digest: 0xa3a83f019c2a7d3c)),
    Entry("data/non_hadoop_lz4_compressed.parquet", .rows(4, digest: 0xfc906f0c8cfcd731)),
    Entry("data/nonnullable.impala.parquet", .rows(1, digest: 0x232f72afffb30b6f)),
    Entry("data/null_list.parquet", .rows(1, digest: 0xb182a9ce518ffd7e)),
    Entry("data/nullable.impala.parquet", .rows(7, digest: 0x631830095ceb91b8)),
    Entry("data/nulls.snappy.parquet", .rows(8, digest: 0xcb219c00f35b1bc5)),
    Entry("data/old_list_structure.parquet", .rows(1, digest: 0xde32934c8b1adc98)),
    Entry("data/overflow_i16_page_cnt.parquet", .rows(40000, digest: 0xf4e90b5dd0568525)),
    Entry("data/page_v2_empty_compressed.parquet", .rows(10, digest: 0xd76b83abddaf7dcd)),
    Entry("data/plain-dict-uncompressed-checksum.parquet", .rows(1000, digest: 0x2abcfdfdf73a8ee5)),
    Entry("data/repeated_no_annotation.parquet", .rows(6, digest: 0xf6f3cf7d066dd045)),
    Entry("data/repeated_primitive_no_list.parquet", .rows(4, digest: 0x52e09b79cb9be9f9)),
    Entry("data/rle-dict-snappy-checksum.parquet", .rows(1000, digest: 0x8df74b42af6a6bcd)),
    Entry("data/rle-dict-uncompressed-corrupt-checksum.parquet", .failure(.checksumMismatch)),
    Entry("data/rle_boolean_encoding.parquet", .rows(68, digest: 0xb1c93f4fc40fe535)),
    Entry("data/single_nan.parquet", .rows(1, digest: 0xad29c67d1969b4d2)),
    Entry("data/sort_columns.parquet", .rows(6, digest: 0xbdc281ea50971457)),
    Entry("data/uniform_encryption.parquet.encrypted", .failure(.encrypted)),
    Entry("data/unknown-logical-type.parquet", .rows(3, digest: 0x94a99d1541fc6c5f)),
    Entry("data/large_string_map.brotli.parquet", .large(2, textByteCount: 1 << 30)),
  ]

  /// Files of moments that only a coarser unit than nanoseconds holds, with what they give then.
  static let microseconds: [CorpusEntry] = [
    Entry("data/int96_from_spark.parquet", .rows(6, digest: 0xcba556294d00944d))
  ]
}

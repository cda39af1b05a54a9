/// What `init` writes where there is nothing to look at.
enum StartingConfig {
  /// A config that is valid as it stands, with every kind of source.
  static let text = """
    # What Tidemark takes from where. 'tidemark check' says what is wrong or missing here;
    # 'tidemark config schema' describes every key. Secrets are never in this file, only the
    # names of environment variables. 'tidemark init --from env:SHOP_URL' writes the streams of a
    # database that is there.
    version: 1

    lake:
      root: ./lake                      # Parquet files lie under <root>/<zone>/<table>/

    defaults:
      files: {target: 256MB, compression: zstd}
      retries: 3

    sources:
      shop: {type: mysql, url_env: SHOP_URL}        # mysql://user:password@host:3306/database
      web: {type: logs, path: "logs/**/access.log*"}
      crm:
        type: api
        base_url: https://api.example.com
        auth: {bearer_env: CRM_TOKEN}

    streams:
      shop.orders:
        key: [id]
        bookmark: {by: updated_at}      # a time or an integer key that only grows
        partition: [day(created_at)]
      web.access:
        parse: combined                 # or json
      crm.contacts:
        key: [id]
        request: {path: /contacts, params: {since: "{from}", until: "{to}"}}
        records: $.data
        paginate: {cursor: $.next, param: cursor}
        bookmark: {by: updated_at, window: 1d, start: 2026-01-01}

    """
}

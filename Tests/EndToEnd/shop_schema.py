"""A shop's database as they are found: good tables, and each of the usual faults."""

TABLES = [
    # As it should be.
    """CREATE TABLE orders (
         id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT UNSIGNED NOT NULL,
         status ENUM('new', 'paid', 'sent') NOT NULL DEFAULT 'new', total DECIMAL(12, 2) NOT NULL,
         created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
         updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
           ON UPDATE CURRENT_TIMESTAMP(6),
         KEY idx_updated (updated_at), KEY (customer_id))""",
    # The cursor has no index, deletes are soft.
    """CREATE TABLE customers (
         id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL,
         email VARCHAR(120) NOT NULL UNIQUE, deleted_at DATETIME NULL,
         created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
         updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)""",
    # An application writes the times.
    """CREATE TABLE products (
         sku VARCHAR(20) NOT NULL PRIMARY KEY, title VARCHAR(120) NOT NULL, price DECIMAL(10, 2),
         attributes JSON, date_add DATETIME NOT NULL, date_upd DATETIME NOT NULL,
         KEY by_change (date_upd))""",
    # Its cursor may be NULL.
    """CREATE TABLE payments (
         id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT UNSIGNED NOT NULL,
         amount DECIMAL(12, 2) NOT NULL, modified_at DATETIME(3) NULL, KEY (modified_at))""",
    # Only grows.
    """CREATE TABLE audit_log (
         id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, actor VARCHAR(40) NOT NULL,
         action VARCHAR(40) NOT NULL, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)""",
    # A number, and rows that change: nothing says when.
    """CREATE TABLE order_items (
         id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT UNSIGNED NOT NULL,
         sku VARCHAR(20) NOT NULL, quantity INT NOT NULL)""",
    # No cursor, a key of two columns.
    """CREATE TABLE exchange_rates (
         currency CHAR(3) NOT NULL, day DATE NOT NULL, rate DECIMAL(40, 10) NOT NULL,
         PRIMARY KEY (currency, day))""",
    # No key at all, zero dates, another engine.
    """CREATE TABLE legacy_import (
         code VARCHAR(20), imported_on DATE NOT NULL DEFAULT '0000-00-00', payload TEXT)
       ENGINE = Aria""",
    # Names that are hard on configs and lakes.
    """CREATE TABLE `Web Sessions: 100%` (
         `session id` BINARY(16) NOT NULL PRIMARY KEY, `user "agent"` VARCHAR(200),
         `last seen, updated` TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
           ON UPDATE CURRENT_TIMESTAMP(3), KEY (`last seen, updated`))""",
    "CREATE TABLE `true` (`null` INT NOT NULL PRIMARY KEY, `on` VARCHAR(10))",
    # A unique index is its key; one column is invisible.
    """CREATE TABLE coupons (
         code VARCHAR(20) NOT NULL, percent TINYINT UNSIGNED NOT NULL, secret INT INVISIBLE DEFAULT 7,
         changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
         UNIQUE KEY (code), KEY (changed))""",
    "CREATE SEQUENCE ticket_numbers",
    "CREATE VIEW open_orders AS SELECT * FROM orders WHERE status <> 'sent'",
    *[f"""CREATE TABLE shipments_{year}_{month:02d} (
            id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT UNSIGNED NOT NULL,
            carrier VARCHAR(20), state VARCHAR(10) NOT NULL,
            updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
              ON UPDATE CURRENT_TIMESTAMP(6), KEY (updated_at))"""
      for year, month in [(2023, 11), (2023, 12), (2024, 1), (2024, 2)]],
    # Like the family by name alone.
    "CREATE TABLE shipments_archive (id BIGINT NOT NULL PRIMARY KEY, note TEXT)",
]

# Of each table its rows; the clock of the tests' server stands at noon of 2024-03-01.
ROWS = [
    """INSERT INTO orders (customer_id, status, total, created_at, updated_at)
       SELECT seq % 50, ELT(1 + seq % 3, 'new', 'paid', 'sent'), seq / 8,
         '2023-06-01' + INTERVAL seq HOUR, '2023-06-01' + INTERVAL seq * 2 HOUR
       FROM seq_1_to_3000""",
    """INSERT INTO customers (name, email, deleted_at, created_at, updated_at)
       SELECT CONCAT('Zoë ', seq), CONCAT(seq, '@example.com'),
         IF(seq % 20 = 0, '2024-02-01', NULL), '2023-01-01' + INTERVAL seq MINUTE,
         '2024-01-01' + INTERVAL seq MINUTE FROM seq_1_to_15000""",
    """INSERT INTO products
       SELECT CONCAT('SKU-', seq), CONCAT('Thing ', seq), seq / 4, '{"colour": "red"}',
         '2023-01-01', '2024-02-01' + INTERVAL seq MINUTE FROM seq_1_to_400""",
    """INSERT INTO payments (order_id, amount, modified_at)
       SELECT seq, seq / 2, IF(seq % 3 = 0, NULL, '2024-01-01' + INTERVAL seq MINUTE)
       FROM seq_1_to_500""",
    "INSERT INTO audit_log (actor, action) SELECT 'ann', CONCAT('did ', seq) FROM seq_1_to_700",
    """INSERT INTO order_items (order_id, sku, quantity)
       SELECT seq DIV 3, CONCAT('SKU-', seq % 400), seq % 7 FROM seq_1_to_900""",
    """INSERT INTO exchange_rates
       SELECT 'EUR', '2024-01-01' + INTERVAL seq DAY, seq / 7 FROM seq_1_to_50""",
    "INSERT INTO legacy_import (code, payload) SELECT seq, 'x' FROM seq_1_to_20",
    """INSERT INTO `Web Sessions: 100%`
       SELECT UNHEX(MD5(seq)), 'Mozilla', '2024-02-02' FROM seq_1_to_60""",
    "INSERT INTO `true` VALUES (1, 'off'), (2, NULL)",
    "INSERT INTO coupons (code, percent, changed) SELECT seq, seq, '2024-01-09' FROM seq_1_to_9",
    *[f"""INSERT INTO shipments_{table} (order_id, carrier, state, updated_at)
          SELECT seq, 'post', 'sent', '2024-02-20' FROM seq_1_to_30"""
      for table in ("2023_11", "2023_12", "2024_01", "2024_02")],
    "INSERT INTO shipments_archive SELECT seq, 'old' FROM seq_1_to_5",
]


def create_shop(database):
    for statement in [*TABLES, *ROWS]:
        database.execute(statement)
    # Estimates are as old as the last look of the server at its tables.
    for (table,) in database.execute(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
            " AND TABLE_TYPE = 'BASE TABLE'"):
        database.execute(f"ANALYZE TABLE `{table}`")

//! What the cases share.

/// Stamps each case once per database.
macro_rules! store_contract {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $case() {
                    let test = epicenter_store::testing::TestDatabase::sqlite().await.unwrap();
                    let database = test.open().await.unwrap();
                    Box::pin(super::$case(&database)).await;
                    database.close().await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test]
                async fn $case() {
                    let test = epicenter_store::testing::TestDatabase::postgres().await.unwrap();
                    let Some(test) = test else { return };
                    let database = test.open().await.unwrap();
                    Box::pin(super::$case(&database)).await;
                    database.close().await;
                }
            )+
        }
    };
}
pub(crate) use store_contract;
